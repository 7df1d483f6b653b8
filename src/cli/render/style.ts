/** Colour for terminals, and none elsewhere. */
import { styleText } from 'node:util';

type Name = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export type Style = (name: Name, text: string) => string;

export const plain: Style = (_name, text) => text;

/** Colours whatever the stream is: the caller has decided. */
export const coloured: Style = (name, text) => styleText(name, text, { validateStream: false });
