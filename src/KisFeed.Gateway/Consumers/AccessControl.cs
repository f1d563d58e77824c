using System.Net;
using KisFeed.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Gateway;

/// <summary>Who may use a gateway, what of it, and how many were turned away.</summary>
internal sealed class AccessControl : IDisposable
{
    // The rest is for consumers that have shown who they are.
    private const double UnknownShare = 0.75;

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
        _lastUse = store is null ? null : new LastUseWriter(new LastUseFile(options.TokenFile!), Accounts, store, options.TimeProvider, logger);
        _throttle = new AuthenticationThrottle(options.TimeProvider);
        Limits = new ServerLimits
        {
            MaxConnections = options.MaxConnections,
            MaxConnectionsPerAddress = options.ConnectionsOfAddress,
            MaxUnknownShare = UnknownShare,
            TrustedProxies = new TrustedProxies(options.TrustedProxies),
            UsesProxyProtocol = options.ProxyProtocol,
            RequestTimeout = options.RequestTimeout,
            OnSilence = () => Refusals.Add(RefusalReason.TooSlow),
            OnConnectionRefused = () => Refusals.Add(RefusalReason.Connections),
            OnBadRequest = status => Refusals.Add(ReasonOf(status)),
            OnUnreadAnswer = () => Refusals.Add(RefusalReason.TooSlow),
        };
        Origins = new OriginRules(options.AllowedOrigins);
    }

    public Accounts Accounts { get; }

    /// <summary>Who did what.</summary>
    public AuditTrail Audit { get; }

    /// <summary>Which pages of browsers may come.</summary>
    public OriginRules Origins { get; }

    public Refusals Refusals { get; } = new();

    /// <summary>What is taken of whoever comes, before that is known.</summary>
    public ServerLimits Limits { get; }

    /// <summary>Reads who may use a gateway that is to listen at an address.</summary>
    /// <exception cref="ArgumentException">Other machines can reach the address, and everybody there would be let in.</exception>
    /// <exception cref="KisFeedConfigurationException">The token file or an origin cannot be used.</exception>
    public static AccessControl Open(GatewayOptions options, IPAddress address, ILogger logger)
    {
        var audit = new AuditTrail(options.LoggerFactory ?? NullLoggerFactory.Instance, options.TimeProvider);
        var store = options.TokenFile is { } path ? new ConsumerStore(path, options.TokenReloadInterval, options.TimeProvider, logger, options.OpenUntilTokenFileExists, audit) : null;
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

    /// <summary>Whose credentials these are. Right ones are taken whatever else came from the address; wrong ones get another answer where there are too many.</summary>
    /// <param name="appKey">The app key.</param>
    /// <param name="appSecret">The app secret.</param>
    /// <param name="from">Where they come from; <see langword="null"/> where that is not known.</param>
    /// <param name="reason">Why it is nobody's; to be counted by who refuses.</param>
    /// <returns>The account; <see langword="null"/> for nobody's.</returns>
    public Account? Authenticate(string appKey, string appSecret, IPAddress? from, out RefusalReason reason)
    {
        reason = RefusalReason.Credentials;
        if (Accounts.Authenticate(appKey, appSecret) is { } account)
        {
            Audit.LoginAccepted(account.Name, from, "app key and secret");
            return account;
        }

        reason = Fail(from, "app key and secret");
        return null;
    }

    /// <summary>Whose the code of a sign-in link is. It cannot be used again. Right ones are taken whatever else came from the address.</summary>
    /// <returns>The account; else why there is none, to be counted by the caller.</returns>
    /// <exception cref="KisFeedConfigurationException">The file of the links cannot be used.</exception>
    public async Task<(Account? Account, RefusalReason Reason)> SignInAsync(string code, IPAddress? from)
    {
        if (_links is not null && await _links.TakeAsync(code, CancellationToken.None).ConfigureAwait(false) is { } appKey && AccountOf(appKey) is { } account)
        {
            Audit.LoginAccepted(account.Name, from, "a sign-in link");
            return (account, RefusalReason.Credentials);
        }

        return (null, Fail(from, "a sign-in link"));
    }

    /// <summary>Whose approval key this is, by the id of an account that it was issued to.</summary>
    /// <param name="id">The id; <see langword="null"/> where the key is not known.</param>
    /// <param name="from">Where it comes from; <see langword="null"/> where that is not known.</param>
    public Account? FindByApprovalKey(string? id, IPAddress? from)
    {
        var account = id is null ? null : Accounts.Find(id);
        if (account is null)
            Audit.LoginRefused(from, "an approval key");
        return account;
    }

    /// <summary>Reads the token file now.</summary>
    public void Reload() => _store?.Reload();

    /// <summary>Writes when consumers last used the gateway, and writes no more after that.</summary>
    public Task EndAsync() => _lastUse?.EndAsync() ?? Task.CompletedTask;

    public void Dispose()
    {
        _lastUse?.Dispose();
        Accounts.Dispose();
        _store?.Dispose();
    }

    private RefusalReason Fail(IPAddress? from, string with)
    {
        Audit.LoginRefused(from, with);
        return _throttle.TryFail(from) ? RefusalReason.Credentials : RefusalReason.TooManyFailures;
    }

    // The consumer may have been added just before its link was made.
    private Account? AccountOf(string appKey)
    {
        if (Accounts.FindByAppKey(appKey) is { } account)
            return account;
        Reload();
        return Accounts.FindByAppKey(appKey);
    }

    private static RefusalReason ReasonOf(int status) => status switch
    {
        StatusCodes.Status408RequestTimeout => RefusalReason.TooSlow,
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status414UriTooLong or StatusCodes.Status431RequestHeaderFieldsTooLarge => RefusalReason.MessageBytes,
        _ => RefusalReason.Malformed,
    };
}

/// <summary>Why somebody was turned away, where that is not one of a consumer's own limits (<see cref="ConsumerLimit"/>).</summary>
internal enum RefusalReason
{
    /// <summary>No credentials, or wrong ones, or an approval key that is not known.</summary>
    Credentials,

    /// <summary>Too many wrong credentials of late.</summary>
    TooManyFailures,

    /// <summary>A web page that is not allowed.</summary>
    Origin,

    /// <summary>A host name that is not the gateway's.</summary>
    Host,

    /// <summary>A feed, or a page, that the consumer has no right to.</summary>
    Rights,

    /// <summary>A request that makes no sense: unknown feeds, keys or parameters.</summary>
    Malformed,

    /// <summary>A request or a handshake that was not complete in time, or an answer that was not read in time.</summary>
    TooSlow,

    /// <summary>A connection beyond those that the gateway takes at once, of all or from one address.</summary>
    Connections,

    /// <summary>A message or a body that is too long, of somebody who is not known yet.</summary>
    MessageBytes,

    /// <summary>A TLS connection without a certificate of the client, where one is required, or with one that is not valid.</summary>
    Certificate,
}

/// <summary>Counts those who were turned away, by reason. For any thread.</summary>
internal sealed class Refusals
{
    private readonly long[] _counts = new long[Enum.GetValues<RefusalReason>().Length];

    public long Of(RefusalReason reason) => Volatile.Read(ref _counts[(int)reason]);

    public void Add(RefusalReason reason) => Interlocked.Increment(ref _counts[(int)reason]);
}
