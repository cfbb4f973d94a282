import { splitWords } from './match';

interface Level<T> {
  words: Map<string, Level<T>>;
  /** Reached by `#`: it stays whatever word comes next. */
  isHash: boolean;
  values: T[];
}

/** Topic bindings by words: finding those that match a key costs by its words, not by the number of bindings. */
export class TopicTrie<T> {
  private readonly root: Level<T> = { words: new Map(), isHash: false, values: [] };

  add(pattern: string, value: T): void {
    let level = this.root;
    for (const word of splitWords(pattern)) {
      let next = level.words.get(word);
      if (!next) {
        next = { words: new Map(), isHash: word === '#', values: [] };
        level.words.set(word, next);
      }
      level = next;
    }
    level.values.push(value);
  }

  /** Values of all patterns that match, each once. */
  match(routingKey: string): T[] {
    let current = new Set<Level<T>>();
    enter(current, this.root);
    for (const word of splitWords(routingKey)) {
      const next = new Set<Level<T>>();
      for (const level of current) {
        if (level.isHash) enter(next, level);
        enter(next, level.words.get(word));
        enter(next, level.words.get('*'));
      }
      current = next;
    }
    return [...current].flatMap((level) => level.values);
  }
}

/** Adds a level and all that `#` standing for no word leads to. */
function enter<T>(levels: Set<Level<T>>, start: Level<T> | undefined): void {
  for (let level = start; level && !levels.has(level); level = level.words.get('#')) levels.add(level);
}
