using System.Net;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>Who may use a gateway, what of it, and how many were turned away.</summary>
internal sealed class Admission : IDisposable
{
    private readonly ConsumerStore? _store;

    private Admission(ConsumerStore? store, GatewayOptions options)
    {
        _store = store;
        Accounts = new Accounts(store, options.Limits, options.LimitsOfEverybody, options.TimeProvider);
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

    /// <summary>Reads the token file now.</summary>
    public void Reload() => _store?.Reload();

    public void Dispose()
    {
        Accounts.Dispose();
        _store?.Dispose();
    }
}
