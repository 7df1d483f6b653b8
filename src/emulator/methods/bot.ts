/** `imbot.register` and `imbot.command.register`, as far as the event rows go that they make. */
import type { PhpArray } from '../php-values.ts';
import { truthy } from '../php-values.ts';
import { RestError, systemError } from '../rest-error.ts';
import { text } from './method.ts';
import type { Caller, Input, Method, MethodAnswer } from './method.ts';

interface Handler {
  readonly param: string;
  readonly event: string;
  /** How the refusal names it; undefined where it may be left out. */
  readonly needed?: string;
}

const botHandlers: readonly Handler[] = [
  { param: 'event_message_add', event: 'ONIMBOTMESSAGEADD', needed: 'Message add' },
  { param: 'event_message_update', event: 'ONIMBOTMESSAGEUPDATE' },
  { param: 'event_message_delete', event: 'ONIMBOTMESSAGEDELETE' },
  { param: 'event_welcome_message', event: 'ONIMBOTJOINCHAT', needed: 'Welcome message' },
  { param: 'event_bot_delete', event: 'ONIMBOTDELETE', needed: 'Bot delete' },
];
const commandHandlers: readonly Handler[] = [
  { param: 'event_command_add', event: 'ONIMCOMMANDADD', needed: 'Command add' },
];

function requireApplication(caller: Caller): void {
  if (caller.chain === undefined) throw systemError('ACCESS_DENIED', 'Access denied! Application context required');
}

function refused(code: string, description: string): RestError {
  return new RestError(400, code, description);
}

/** The handlers sent, one URL for all of them in `event_handler`. */
function readHandlers(params: PhpArray, handlers: readonly Handler[]): { event: string; handler: string }[] {
  const common = text(params.get('event_handler'));
  return handlers.flatMap(({ param, event, needed }) => {
    const handler = text(params.get(param)) || common;
    if (handler !== '') return [{ event, handler }];
    if (needed === undefined) return [];
    throw refused(`${param.toUpperCase()}_ERROR`, `Handler for "${needed}" event isn't specified`);
  });
}

/** Every row the application has for the event goes, those it bound itself too; the new one is user 0's. */
function bindAnew(caller: Caller, handlers: readonly { readonly event: string; readonly handler: string }[]): void {
  const { rows } = caller.portal;
  for (const { event, handler } of handlers) {
    for (const row of rows.ofEvent(event)) rows.remove(row);
    rows.add({ event, handler, userId: 0, connector: '', options: {}, offline: false });
  }
}

function registerBot(caller: Caller, { params }: Input): MethodAnswer {
  requireApplication(caller);
  const code = text(params.get('code'));
  if (!truthy(code)) throw refused('CODE_ERROR', "Bot code isn't specified");
  const handlers = readHandlers(params, botHandlers);
  const { bots } = caller.portal;
  const id = bots.get(code) ?? firstBotId + bots.size;
  bots.set(code, id);
  bindAnew(caller, handlers);
  return { result: id };
}

const firstBotId = 1000;

function registerCommand(caller: Caller, { params }: Input): MethodAnswer {
  requireApplication(caller);
  const command = text(params.get('command'));
  if (!truthy(command)) throw refused('COMMAND_ERROR', "Command isn't specified");
  const { bots, botCommands } = caller.portal;
  const botId = Number(text(params.get('bot_id')));
  if (![...bots.values()].includes(botId)) throw refused('BOT_ID_ERROR', 'Bot not found');
  const handlers = readHandlers(params, commandHandlers);
  const name = `${botId}/${command}`;
  const id = botCommands.get(name) ?? botCommands.size + 1;
  botCommands.set(name, id);
  bindAnew(caller, handlers);
  return { result: id };
}

export const botMethods: Readonly<Record<string, Method>> = {
  'imbot.register': { scopes: ['imbot'], run: registerBot },
  'imbot.command.register': { scopes: ['imbot'], run: registerCommand },
};
