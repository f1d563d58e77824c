using System.Net;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>Who may use a gateway, what of it, and how many were turned away.</summary>
internal sealed class Admission : IDisposable
{
    private readonly ConsumerStore? _store;
    private readonly AuthenticationThrottle _throttle;

    private Admission(ConsumerStore? store, GatewayOptions options)
    {
        _store = store;
        Accounts = new Accounts(store, options.Limits, options.LimitsOfEverybody, options.TimeProvider);
        _throttle = new AuthenticationThrottle(options.TimeProvider);
        Origins = new OriginRules(options.AllowedOrigins);
    }

    public Accounts Accounts { get; }

    /// <summary>Which pages of browsers may come.</summary>
    public OriginRules Origins { get; }

    public Refusals Refusals { get; } = new();

    /// <summary>Reads who may use a gateway that is to listen at an address.</summary>
    /// <exception cref="ArgumentException">Other machines can reach the address, and everybody there would be let in.</exception>
    /// <exception cref="KisFeedConfigurationException">The token file or an origin cannot be used.</exception>
    public static Admission Open(GatewayOptions options, IPAddress address, ILogger logger)
    {
        var store = options.TokenFile is { } path ? new ConsumerStore(path, options.TokenReloadInterval, options.TimeProvider, logger) : null;
        try
        {
            if (store?.IsClosed != true)
                options.ValidateOpen(address);
            return new Admission(store, options);
        }
        catch
        {
            store?.Dispose();
            throw;
        }
    }

    /// <summary>Whose credentials these are. Wrong ones are counted, and those who come with them too often are turned away unheard.</summary>
    /// <param name="appKey">The app key.</param>
    /// <param name="appSecret">The app secret.</param>
    /// <param name="from">Where they come from; <see langword="null"/> where that is not known.</param>
    /// <param name="reason">Why it is nobody's; counted already.</param>
    /// <returns>The account; <see langword="null"/> for nobody's.</returns>
    public Account? Authenticate(string appKey, string appSecret, IPAddress? from, out RefusalReason reason)
    {
        reason = RefusalReason.TooManyFailures;
        if (_throttle.Admits(from))
        {
            if (Accounts.Authenticate(appKey, appSecret) is { } account)
                return account;
            reason = RefusalReason.Credentials;
            _throttle.NoteFailure(from);
        }

        Refusals.Add(reason);
        return null;
    }

    /// <summary>Reads the token file now.</summary>
    public void Reload() => _store?.Reload();

    public void Dispose()
    {
        Accounts.Dispose();
        _store?.Dispose();
    }
}
