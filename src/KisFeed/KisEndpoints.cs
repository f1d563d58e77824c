using System.Diagnostics.CodeAnalysis;
using KisFeed.Wire.Control;

namespace KisFeed;

/// <summary>The addresses of the broker's services, from its documents and published samples.</summary>
public static class KisEndpoints
{
    /// <summary>The WebSocket path of all feeds.</summary>
    public const string WebSocketPath = "/tryitout";

    /// <summary>The REST path that issues approval keys.</summary>
    public const string ApprovalPath = "/oauth2/Approval";

    /// <summary>The WebSocket address of one of the broker's services. It uses plain text: the approval key is sent unencrypted.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The environment is not one of the broker's services.</exception>
    public static Uri WebSocket(KisEnvironment environment) => environment switch
    {
        KisEnvironment.Production => new("ws://ops.koreainvestment.com:21000"),
        KisEnvironment.Mock => new("ws://ops.koreainvestment.com:31000"),
        _ => throw NoAddress(environment),
    };

    /// <summary>The REST address of one of the broker's services.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The environment is not one of the broker's services.</exception>
    public static Uri Rest(KisEnvironment environment) => environment switch
    {
        KisEnvironment.Production => new("https://openapi.koreainvestment.com:9443"),
        KisEnvironment.Mock => new("https://openapivts.koreainvestment.com:29443"),
        _ => throw NoAddress(environment),
    };

    internal static Uri WebSocketOf(KisFeedOptions options, bool takesServerEvents = false)
    {
        var url = new UriBuilder(options.WebSocketUrl ?? WebSocket(options.Environment));
        if (url.Path == "/")
            url.Path = WebSocketPath;
        if (takesServerEvents)
            url.Query = $"{(url.Query.Length > 1 ? $"{url.Query}&" : "")}{ServerEvent.Parameter}={ServerEvent.Version}";
        return url.Uri;
    }

    /// <summary>The address of a gateway's streams.</summary>
    internal static Uri StreamOf(KisFeedOptions options, string query)
    {
        var url = new UriBuilder(WebSocketOf(options)) { Query = query };
        var isBroker = url.Path.EndsWith(WebSocketPath, StringComparison.OrdinalIgnoreCase);
        url.Path = $"{(isBroker ? url.Path[..^WebSocketPath.Length] : url.Path.TrimEnd('/'))}/v1/stream";
        return url.Uri;
    }

    /// <summary>The address in a form for logs, without user information.</summary>
    [return: NotNullIfNotNull(nameof(url))]
    internal static Uri? Public(Uri? url) =>
        url is not { IsAbsoluteUri: true } ? url : new UriBuilder(url) { UserName = "", Password = "", Query = "", Fragment = "" }.Uri;

    internal static Uri ApprovalOf(KisFeedOptions options) => Public(new Uri(RestOf(options), ApprovalPath));

    private static Uri RestOf(KisFeedOptions options)
    {
        if (options.RestUrl is { } rest)
            return rest;
        if (options.WebSocketUrl is not { } socket)
            return Rest(options.Environment);

        // The user stated the broker's own address: its REST service has another one, and the app secret must not be sent unencrypted.
        if (IsBroker(socket))
            return Rest(options.Environment);
        return new UriBuilder(socket.Scheme == "wss" ? "https" : "http", socket.Host, socket.Port).Uri;
    }

    /// <summary>Whether the address belongs to one of the broker's WebSocket services, which share a host.</summary>
    internal static bool IsBroker(Uri address) =>
        address.Host.Equals(WebSocket(KisEnvironment.Production).Host, StringComparison.OrdinalIgnoreCase);

    private static ArgumentOutOfRangeException NoAddress(KisEnvironment environment) =>
        new(nameof(environment), environment, "only the broker's own services have a fixed address");
}

/// <summary>The service to connect to.</summary>
public enum KisEnvironment
{
    /// <summary>The production service (실전투자).</summary>
    Production,

    /// <summary>The mock service (모의투자). Of these feeds it offers only order notices.</summary>
    Mock,

    /// <summary>
    /// A KisFeed simulator or replay, which offers the feeds of both services, each under its own TR ID. Requires
    /// <see cref="KisFeedOptions.WebSocketUrl"/>.
    /// </summary>
    Simulator,
}
