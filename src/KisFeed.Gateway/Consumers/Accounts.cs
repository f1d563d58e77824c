namespace KisFeed.Gateway.Consumers;

/// <summary>
/// The accounts of a gateway. Without tokens, everybody shares one account. As soon as there is a token, only consumers have
/// accounts, and it stays so. Thread-safe.
/// </summary>
internal sealed class Accounts : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Account> _byId = new(StringComparer.Ordinal);
    private readonly ConsumerStore? _store;
    private readonly ConsumerLimits _limits;
    private readonly TimeProvider _time;
    private readonly Account _everybody;
    private readonly AuditTrail? _audit;

    public Accounts(
        ConsumerStore? store, ConsumerLimits limits, ConsumerLimits limitsOfEverybody, TimeProvider time, AuditTrail? audit = null)
    {
        _store = store;
        _limits = limits;
        _time = time;
        _audit = audit;
        _everybody = new Account(consumer: null, store, limitsOfEverybody, time, audit);
        if (store is null)
            return;
        store.Lost += OnLost;
        store.Closed += OnClosed;
        store.Changed += OnChanged;
        if (store.IsClosed)
            _everybody.End();
    }

    public bool IsOpen => !_everybody.HasEnded;

    /// <summary>The account of clients without credentials; <see langword="null"/> if they are not admitted.</summary>
    public Account? WithoutCredentials => IsOpen ? _everybody : null;

    /// <summary>The accounts that have been used, in no particular order.</summary>
    public IReadOnlyList<Account> All
    {
        get
        {
            lock (_gate)
                return IsOpen ? [_everybody, .. _byId.Values] : [.. _byId.Values];
        }
    }

    /// <summary>
    /// Finds the account with these credentials; <see langword="null"/> if the app key or the secret is wrong. If everybody is admitted,
    /// the shared account whatever the credentials.
    /// </summary>
    public Account? Authenticate(string appKey, string appSecret)
    {
        if (_store?.Current.Check(appKey, appSecret) is not { } consumer)
            return WithoutCredentials;
        var account = AccountOf(_store, consumer);
        account?.MarkUsed();
        return account;
    }

    /// <summary>
    /// The account of the consumer with an app key, which does not authenticate the caller; <see langword="null"/> if there is none.
    /// </summary>
    public Account? FindByAppKey(string appKey) =>
        _store?.Current.Consumers.FirstOrDefault(c => string.Equals(c.AppKey, appKey, StringComparison.Ordinal)) is { } consumer
            ? AccountOf(_store, consumer)
            : null;

    /// <summary>
    /// The account with this <see cref="Account.Id"/>, whose approval key is being used; <see langword="null"/> if it has ended.
    /// </summary>
    public Account? Find(string id)
    {
        if (id == _everybody.Id)
            return WithoutCredentials;
        Account? account;
        lock (_gate)
            account = _byId.GetValueOrDefault(id);
        account?.MarkUsed();
        return account;
    }

    public void Dispose()
    {
        if (_store is null)
            return;
        _store.Lost -= OnLost;
        _store.Closed -= OnClosed;
        _store.Changed -= OnChanged;
    }

    private Account? AccountOf(ConsumerStore store, Consumer consumer)
    {
        lock (_gate)
        {
            // Looked up again under the lock: if the consumer is removed meanwhile, either this finds no
            // consumer or OnLost finds the account.
            if (store.Current.Find(consumer) is not { } present)
                return null;
            var account = _byId.Values.FirstOrDefault(a => a.Consumer!.HasCredentialsOf(consumer));
            if (account is null)
                _byId.Add((account = new Account(present, store, _limits, _time, _audit)).Id, account);
            return account;
        }
    }

    private void OnLost(object? sender, ConsumerLossEventArgs e)
    {
        foreach (var loss in e.Losses)
        {
            Account? account;
            lock (_gate)
            {
                account = _byId.Values.FirstOrDefault(a => a.Consumer!.HasCredentialsOf(loss.Before));
                if (account is not null && loss.IsGone)
                    _byId.Remove(account.Id);
            }

            if (loss.IsGone)
                account?.End();
            else
                account?.Restrict();
        }
    }

    private void OnChanged(object? sender, EventArgs e)
    {
        Account[] accounts;
        lock (_gate)
            accounts = [.. _byId.Values];
        foreach (var account in accounts)
            account.Refresh();
    }

    private void OnClosed(object? sender, EventArgs e) => _everybody.End();
}
