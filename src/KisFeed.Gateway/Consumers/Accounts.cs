namespace KisFeed.Gateway;

/// <summary>
/// Those who use the gateway. Where there are no tokens that is everybody, with one account together; as soon as there is one it is the consumers alone, and stays so. For any thread.
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

    /// <summary>Accounts for consumers that are known, or for everybody.</summary>
    /// <param name="store">Who may use the gateway; <see langword="null"/> for everybody, for ever. Not disposed with this.</param>
    /// <param name="limits">What each consumer may use.</param>
    /// <param name="limitsOfEverybody">What all of them together may use where there are no tokens.</param>
    /// <param name="time">The clock.</param>
    /// <param name="audit">Hears of limits that are met; <see langword="null"/> for nobody.</param>
    public Accounts(ConsumerStore? store, ConsumerLimits limits, ConsumerLimits limitsOfEverybody, TimeProvider time, AuditTrail? audit = null)
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

    /// <summary>Whether everybody is let in who can reach the gateway.</summary>
    public bool IsOpen => !_everybody.IsOver;

    /// <summary>The account of those who come without credentials; <see langword="null"/> where they are not let in.</summary>
    public Account? WithoutCredentials => IsOpen ? _everybody : null;

    /// <summary>The accounts that have been used, in no order.</summary>
    public IReadOnlyList<Account> All
    {
        get
        {
            lock (_gate)
                return IsOpen ? [_everybody, .. _byId.Values] : [.. _byId.Values];
        }
    }

    /// <summary>
    /// Whose credentials these are; <see langword="null"/> for nobody's, be it the app key or the secret that is wrong. Where everybody is let in, everybody's: whatever they are.
    /// </summary>
    public Account? Authenticate(string appKey, string appSecret)
    {
        if (_store?.Current.Check(appKey, appSecret) is not { } consumer)
            return WithoutCredentials;
        var account = AccountOf(_store, consumer);
        account?.MarkUsed();
        return account;
    }

    /// <summary>The account of the consumer with an app key, which says nothing of who asks; <see langword="null"/> where there is none.</summary>
    public Account? FindByAppKey(string appKey) =>
        _store?.Current.Consumers.FirstOrDefault(c => string.Equals(c.AppKey, appKey, StringComparison.Ordinal)) is { } consumer ? AccountOf(_store, consumer) : null;

    /// <summary>The account with this <see cref="Account.Id"/>, which an approval key was issued to and is used now; <see langword="null"/> where it is over.</summary>
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

    /// <summary>Hears no more of what consumers lose.</summary>
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
            // Looked up again under the lock: who was removed meanwhile either is found here, or finds its account in OnLost.
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
