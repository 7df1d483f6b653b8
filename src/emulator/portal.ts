/** The handle on one portal: acts on its state, wherever that stands after a reset. */
import { deliver } from './delivery.ts';
import type { Delivery } from './delivery.ts';
import { openFrame } from './frame.ts';
import type { Frame, FrameOptions } from './frame.ts';
import type { FireOptions, PortalCredentials, PortalHandle, TokenOptions } from './handle.ts';
import { install, uninstall, update } from './lifecycle.ts';
import type { InstallOptions, InstallResult, UpdateOptions } from './lifecycle.ts';
import type { SeedRow, Switches, UserOptions } from './options.ts';
import type { Row, RowChange } from './rows.ts';
import { addSeedRow, applicationToken, clientEndpoint, domainOf, formerEndpoint, setUser } from './state.ts';
import type { PortalState, World } from './state.ts';
import type { Pair } from './tokens.ts';

/** Methods are shared: there may be thousands of portals. */
export class Portal implements PortalHandle {
  readonly #world: World;
  readonly #ask: () => PortalState;
  readonly #move: (portal: PortalState, domain?: string) => Promise<void>;

  /** @param ask each time: a reset replaces the state behind the handle */
  constructor(world: World, ask: () => PortalState, move: (portal: PortalState, domain?: string) => Promise<void>) {
    this.#world = world;
    this.#ask = ask;
    this.#move = move;
  }

  get memberId(): string {
    return this.#ask().memberId;
  }

  get clientEndpoint(): string {
    return clientEndpoint(this.#ask());
  }

  get formerEndpoint(): string {
    return formerEndpoint(this.#world, this.#ask());
  }

  get domain(): string {
    return domainOf(this.#ask());
  }

  get accessToken(): string {
    return this.#ask().chain.accessToken;
  }

  get refreshToken(): string {
    return this.#ask().chain.refreshToken;
  }

  get applicationToken(): string {
    return applicationToken(this.#world, this.#ask());
  }

  get credentials(): PortalCredentials {
    const { clientEndpoint: endpoint, accessToken, refreshToken, memberId } = this;
    const { clientId, clientSecret, oauthOrigin: oauthUrl } = this.#world;
    return { clientEndpoint: endpoint, accessToken, refreshToken, clientId, clientSecret, memberId, oauthUrl };
  }

  get rows(): readonly Row[] {
    return this.#ask().rows.all();
  }

  get history(): readonly RowChange[] {
    return this.#ask().rows.history;
  }

  get options(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#ask().options);
  }

  token(userId: number, { scope, expired = false }: TokenOptions = {}): Pair {
    const { tokens, now } = this.#world;
    const { accessToken, refreshToken } = tokens.issue({ memberId: this.memberId, userId, scope });
    const issued = tokens.access(accessToken);
    if (expired && issued !== undefined) issued.expiresAt = now();
    return { accessToken, refreshToken };
  }

  webhook(userId: number = this.#ask().chain.userId, { scope }: Pick<TokenOptions, 'scope'> = {}): string {
    const secret = this.#world.tokens.secret(8);
    this.#ask().webhooks.set(secret, { userId, scope });
    return `${this.clientEndpoint}${userId}/${secret}/`;
  }

  addRow(row: SeedRow): Row {
    return addSeedRow(this.#ask(), row);
  }

  removeRow(id: number): void {
    const { rows } = this.#ask();
    const row = rows.get(id);
    if (row !== undefined) rows.remove(row);
  }

  setOption(name: string, value: unknown): void {
    this.#ask().options.set(name, value);
  }

  clearOptions(): void {
    this.#ask().options.clear();
  }

  setUser(user: UserOptions): void {
    setUser(this.#ask(), user);
  }

  setScope(scope: readonly string[]): void {
    this.#ask().app.scope = [...scope];
  }

  setFeature(code: string, value: string): void {
    this.#ask().features.set(code, value);
  }

  setSwitches(switches: Partial<Switches>): void {
    const portal = this.#ask();
    portal.switches = { ...portal.switches, ...switches };
    portal.rows.reindex();
  }

  expireTokens(): void {
    this.#world.tokens.expire(this.memberId);
  }

  killRefreshChain(): void {
    this.#world.tokens.killRefresh(this.memberId);
  }

  setPaymentExpired(on: boolean): void {
    this.#ask().app.paymentExpired = on;
  }

  setUnpaid(on: boolean): void {
    this.#ask().isUnpaid = on;
  }

  setDeleted(on: boolean): void {
    this.#ask().isDeleted = on;
  }

  setInstalled(on: boolean): void {
    this.#ask().app.isInstalled = on;
  }

  install(options?: InstallOptions): Promise<InstallResult> {
    return install(this.#world, this.#ask(), options);
  }

  finishInstall(): void {
    this.setInstalled(true);
  }

  update(options?: UpdateOptions): Promise<InstallResult> {
    return update(this.#world, this.#ask(), options);
  }

  uninstall({ clean = false }: { readonly clean?: boolean } = {}): Promise<void> {
    return uninstall(this.#world, this.#ask(), clean);
  }

  reinstall(): Promise<InstallResult> {
    return this.install();
  }

  rename(domain?: string): Promise<void> {
    return this.#move(this.#ask(), domain);
  }

  rotateSecret(): void {
    this.#world.clientSecret = this.#world.tokens.secret(25);
  }

  openFrame(options?: FrameOptions): Frame {
    return openFrame(this.#world, this.#ask(), options);
  }

  fire(event: string, data: Record<string, unknown>, options: FireOptions = {}): Promise<readonly Delivery[]> {
    const { accessToken, connector } = options;
    const chain = accessToken === undefined ? undefined : this.#world.tokens.access(accessToken)?.chain;
    const userId = options.userId ?? chain?.userId ?? this.#ask().chain.userId;
    return deliver(this.#world, this.#ask(), event, data, { userId, depth: chain?.depth ?? 0, connector });
  }

  oauthCode(userId: number = this.#ask().chain.userId): string {
    return this.#world.tokens.code(this.memberId, userId);
  }
}
