/** Publisher confirms of one channel, several in one frame where they stand side by side. Order is kept. */
export class ConfirmRun {
  private kind: 'ack' | 'nack' = 'ack';
  private from = 0;
  private to = 0;
  private last = 0;

  constructor(private readonly send: (kind: 'ack' | 'nack', deliveryTag: number, multiple: boolean) => void) {}

  /** Number of the publish that arrives now. */
  next(): number {
    return ++this.last;
  }

  settle(sequence: number, accepted: boolean): void {
    const kind = accepted ? 'ack' : 'nack';
    if (this.to && kind !== this.kind) this.flush();
    this.kind = kind;
    if (!this.to) this.from = sequence;
    this.to = sequence;
  }

  flush(): void {
    if (!this.to) return;
    const { kind, from, to } = this;
    this.to = 0;
    this.send(kind, to, from !== to);
  }
}
