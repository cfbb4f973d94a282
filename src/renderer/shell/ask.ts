import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** A question with a few answers. The first answer is the one Enter gives. */
export interface Question {
  title: string;
  message: string;
  choices: readonly { value: string; label: string; isDanger?: boolean }[];
}

interface AskState {
  question: Question | null;
  answer: (value: string | undefined) => void;
}

const askStore = createStore<AskState>(() => ({ question: null, answer: () => undefined }));

/** Asks the user; undefined when the question was cancelled. One question at a time: a newer one cancels the older. */
export function ask(question: Question): Promise<string | undefined> {
  askStore.getState().answer(undefined);
  return new Promise((resolve) => {
    askStore.setState({
      question,
      answer: (value) => {
        askStore.setState({ question: null, answer: () => undefined });
        resolve(value);
      },
    });
  });
}

/** The open question, for the dialog that shows it. */
export function useQuestion(): AskState {
  return useStore(askStore);
}
