/**
 * What the page's retry button posts: which portal to work on, sealed with the client secret and good for an hour.
 * The tokens are in the store by then, so that no page ever has to carry them.
 */
import { createHmac } from 'node:crypto';
import { isMemberId } from '../installation/member-id.ts';
import { isSameSecret } from '../portal/secret-compare.ts';

export interface RetryTicket {
  readonly memberId: string;
  readonly language: 'en' | 'ru';
  /** Whether the portal waits for the page to finish the installation. */
  readonly needsFinish: boolean;
  /** The page waits for what is being done; otherwise it asks for another try. */
  readonly isWaiting: boolean;
}

const lifetimeMs = 3_600_000;

export function sealTicket(ticket: RetryTicket, secret: string, nowMs: number): string {
  const { memberId, language, needsFinish, isWaiting } = ticket;
  const until = (nowMs + lifetimeMs).toString(36);
  const text = [memberId, language, flag(needsFinish), flag(isWaiting), until].join('.');
  return `${text}.${sealOf(text, secret)}`;
}

/** Undefined for a ticket that is not ours or whose hour is over. */
export function openTicket(ticket: string, secret: string, nowMs: number): RetryTicket | undefined {
  const end = ticket.lastIndexOf('.');
  const text = ticket.slice(0, Math.max(0, end));
  if (!isSameSecret(ticket.slice(end + 1), sealOf(text, secret))) return undefined;
  const [memberId = '', language, needsFinish, isWaiting, until = ''] = text.split('.');
  if (!isMemberId(memberId) || Number.parseInt(until, 36) < nowMs) return undefined;
  return {
    memberId,
    language: language === 'ru' ? 'ru' : 'en',
    needsFinish: needsFinish === flag(true),
    isWaiting: isWaiting === flag(true),
  };
}

function flag(value: boolean): string {
  return value ? '1' : '0';
}

function sealOf(text: string, secret: string): string {
  return createHmac('sha256', secret).update(`bitrix-events retry\n${text}`).digest('base64url');
}
