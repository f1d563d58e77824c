namespace KisFeed.Cli.Diagnosis;

/// <summary>Where a client goes with its options.</summary>
/// <param name="WebSocket">The address of the feeds.</param>
/// <param name="Rest">The address of the service that issues approval keys.</param>
internal sealed record ServiceAddresses(Uri WebSocket, Uri Rest)
{
    /// <summary>Whether the feeds come from the broker itself, rather than from a simulator, a replay or a gateway.</summary>
    public bool IsBroker => IsHostOf(WebSocket, KisEndpoints.WebSocket(KisEnvironment.Production)) || IsHostOf(WebSocket, KisEndpoints.WebSocket(KisEnvironment.Mock));

    /// <summary>The addresses, those included that nobody has set.</summary>
    public static ServiceAddresses Of(KisFeedOptions options) => new(options.WebSocketUrl ?? KisEndpoints.WebSocket(options.Environment), RestOf(options));

    /// <summary>An address without a password that may be in it.</summary>
    public static string Show(Uri address) => address.GetComponents(UriComponents.Scheme | UriComponents.HostAndPort, UriFormat.UriEscaped);

    private static Uri RestOf(KisFeedOptions options)
    {
        if (options.RestUrl is { } rest)
            return rest;
        return options.WebSocketUrl is { } socket && !IsHostOf(socket, KisEndpoints.WebSocket(options.Environment))
            ? new UriBuilder(socket.Scheme == "wss" ? "https" : "http", socket.Host, socket.Port).Uri
            : KisEndpoints.Rest(options.Environment);
    }

    private static bool IsHostOf(Uri address, Uri other) => address.Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase);
}
