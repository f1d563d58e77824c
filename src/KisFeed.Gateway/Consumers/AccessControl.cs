using System.Net;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Gateway.Consumers;

/// <summary>Decides who may use a gateway and with which limits, and counts refusals.</summary>
internal sealed class AccessControl : IDisposable
{
    // The rest is reserved for authenticated consumers.
    private const double UnauthenticatedShare = 0.75;

    private readonly ConsumerStore? _store;
    private readonly SignInLinkFile? _links;
    private readonly AuthenticationThrottle _throttle;
    private readonly LastUseWriter? _lastUse;

    private AccessControl(ConsumerStore? store, GatewayOptions options, AuditTrail audit, ILogger logger)
    {
        _store = store;
        Audit = audit;
        _links = options.TokenFile is { } path ? new SignInLinkFile(path, options.TimeProvider) : null;
        Accounts = new Accounts(store, options.Limits, options.LimitsOfEverybody, options.TimeProvider, audit);
        _lastUse = store is null
            ? null
            : new LastUseWriter(new LastUseFile(options.TokenFile!), Accounts, store, options.TimeProvider, logger);
        _throttle = new AuthenticationThrottle(options.TimeProvider);
        Limits = new ServerLimits
        {
            MaxConnections = options.MaxConnections,
            MaxConnectionsPerAddress = options.ConnectionsOfAddress,
            MaxUnauthenticatedShare = UnauthenticatedShare,
            TrustedProxies = new TrustedProxies(options.TrustedProxies),
            UsesProxyProtocol = options.ProxyProtocol,
            RequestTimeout = options.RequestTimeout,
            OnSilence = () => Refusals.Add(AccessRefusalReason.TooSlow),
            OnConnectionRefused = () => Refusals.Add(AccessRefusalReason.Connections),
            OnBadRequest = status => Refusals.Add(ReasonOf(status)),
            OnUnreadResponse = () => Refusals.Add(AccessRefusalReason.TooSlow),
        };
        Origins = new OriginRules(options.AllowedOrigins);
    }

    public Accounts Accounts { get; }

    /// <summary>Whether the token file can be used, or there is none.</summary>
    public bool HasUsableTokens => _store?.Problem is null;

    public AuditTrail Audit { get; }

    public OriginRules Origins { get; }

    public Refusals Refusals { get; } = new();

    /// <summary>The limits that apply to every client, before it is authenticated.</summary>
    public ServerLimits Limits { get; }

    /// <summary>Reads the token file of a gateway that will listen on an address.</summary>
    /// <exception cref="ArgumentException">Other machines can reach the address, and the gateway would admit everybody there.</exception>
    /// <exception cref="KisFeedConfigurationException">The token file or an origin cannot be used.</exception>
    public static AccessControl Open(GatewayOptions options, IPAddress address, ILogger logger)
    {
        var audit = new AuditTrail(options.LoggerFactory ?? NullLoggerFactory.Instance, options.TimeProvider);
        var store = options.TokenFile is { } path
            ? new ConsumerStore(path, options.TokenReloadInterval, options.TimeProvider, logger, options.OpenUntilTokenFileExists, audit)
            : null;
        try
        {
            if (store?.IsClosed != true)
                options.ValidateOpen(address);
            return new AccessControl(store, options, audit, logger);
        }
        catch
        {
            store?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Finds the account with these credentials. Correct credentials are always accepted. Wrong ones get a different reason
    /// when the address has sent too many.
    /// </summary>
    /// <param name="appKey">The app key.</param>
    /// <param name="appSecret">The app secret.</param>
    /// <param name="from">The address of the client; <see langword="null"/> if unknown.</param>
    /// <param name="reason">Why no account was found. The caller counts it when it refuses the request.</param>
    /// <returns>The account; <see langword="null"/> if the credentials are wrong.</returns>
    public Account? Authenticate(string appKey, string appSecret, IPAddress? from, out AccessRefusalReason reason)
    {
        reason = AccessRefusalReason.Credentials;
        if (Accounts.Authenticate(appKey, appSecret) is { } account)
        {
            Audit.LoginAccepted(account.Name, from, "app key and secret");
            return account;
        }

        reason = Fail(from, "app key and secret");
        return null;
    }

    /// <summary>Redeems the code of a sign-in link, which cannot be used again. A correct code is always accepted.</summary>
    /// <returns>The account of the consumer that the link was made for. If there is none, the reason, which the caller counts.</returns>
    /// <exception cref="KisFeedConfigurationException">The file of sign-in links cannot be used.</exception>
    public async Task<(Account? Account, AccessRefusalReason Reason)> SignInAsync(string code, IPAddress? from)
    {
        if (_links is not null
            && await _links.RedeemAsync(code, CancellationToken.None).ConfigureAwait(false) is { } appKey
            && AccountOf(appKey) is { } account)
        {
            Audit.LoginAccepted(account.Name, from, "a sign-in link");
            return (account, AccessRefusalReason.Credentials);
        }

        return (null, Fail(from, "a sign-in link"));
    }

    /// <summary>Finds the account that an approval key was issued to.</summary>
    /// <param name="id">The id of the account; <see langword="null"/> if the key is unknown.</param>
    /// <param name="from">The address of the client; <see langword="null"/> if unknown.</param>
    public Account? FindByApprovalKey(string? id, IPAddress? from)
    {
        var account = id is null ? null : Accounts.Find(id);
        if (account is null)
            Audit.LoginRefused(from, "an approval key");
        return account;
    }

    public void Reload() => _store?.Reload();

    /// <summary>Writes the last-use times of consumers once more, and then stops writing them.</summary>
    public Task EndAsync() => _lastUse?.EndAsync() ?? Task.CompletedTask;

    public void Dispose()
    {
        _lastUse?.Dispose();
        Accounts.Dispose();
        _store?.Dispose();
    }

    private AccessRefusalReason Fail(IPAddress? from, string with)
    {
        Audit.LoginRefused(from, with);
        return _throttle.TryRecordFailure(from) ? AccessRefusalReason.Credentials : AccessRefusalReason.TooManyFailures;
    }

    // The consumer may have been added just before its link was created.
    private Account? AccountOf(string appKey)
    {
        if (Accounts.FindByAppKey(appKey) is { } account)
            return account;
        Reload();
        return Accounts.FindByAppKey(appKey);
    }

    private static AccessRefusalReason ReasonOf(int status) => status switch
    {
        StatusCodes.Status408RequestTimeout => AccessRefusalReason.TooSlow,
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status414UriTooLong or StatusCodes.Status431RequestHeaderFieldsTooLarge =>
            AccessRefusalReason.MessageBytes,
        _ => AccessRefusalReason.Malformed,
    };
}

/// <summary>Counts refusals by reason. Thread-safe.</summary>
internal sealed class Refusals
{
    private readonly Counter[] _counts = [.. Enum.GetValues<AccessRefusalReason>().Select(_ => new Counter())];

    public long Of(AccessRefusalReason reason) => _counts[(int)reason].Value;

    public void Add(AccessRefusalReason reason) => _counts[(int)reason].Add();
}
