using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Options;

/// <summary>Where to connect and as whom: from the command line, and from the environment where that says nothing.</summary>
internal static class ServiceSettings
{
    public const string AppKeyVariable = "KISFEED_APPKEY";
    public const string AppSecretVariable = "KISFEED_APPSECRET";
    public const string HtsIdVariable = "KISFEED_HTSID";
    public const string UrlVariable = "KISFEED_URL";
    public const string RestVariable = "KISFEED_REST";

    /// <summary>The client's options.</summary>
    /// <exception cref="CommandException">Credentials are missing, or an address cannot be used.</exception>
    public static KisFeedOptions Read(CommandHost host, string? url, string? rest, KisEnvironment environment)
    {
        var socket = ReadAddress(host, "--url", url, UrlVariable, "ws", "wss");
        var approval = ReadAddress(host, "--rest", rest, RestVariable, "http", "https");
        string[] missing = [.. new[] { AppKeyVariable, AppSecretVariable }.Where(name => host.Variable(name) is null)];
        if (missing.Length > 0)
        {
            throw new CommandException(
                $"{string.Join(" and ", missing)} {(missing.Length == 1 ? "is" : "are")} not set. Set {AppKeyVariable} and {AppSecretVariable} to the app key and app secret "
                + $"that KIS Developers issued, and {HtsIdVariable} to the HTS ID for order notices. Without an account: 'kisfeed demo', or 'kisfeed simulate', which says what to set.");
        }

        return new KisFeedOptions
        {
            AppKey = host.Variable(AppKeyVariable)!,
            AppSecret = host.Variable(AppSecretVariable)!,
            Environment = environment,
            WebSocketUrl = socket,
            RestUrl = approval ?? RestBeside(socket, environment),
            TimeProvider = host.Time,
        };
    }

    // The broker's REST service is on another host than its sockets; a simulator's is on the same, and the client takes it to be there.
    private static Uri? RestBeside(Uri? socket, KisEnvironment environment) =>
        socket is not null && socket.Host.Equals(KisEndpoints.WebSocket(environment).Host, StringComparison.OrdinalIgnoreCase) ? KisEndpoints.Rest(environment) : null;

    private static Uri? ReadAddress(CommandHost host, string option, string? value, string variable, params ReadOnlySpan<string> schemes)
    {
        var source = value is null ? variable : option;
        value ??= host.Variable(variable);
        if (value is null)
            return null;
        if (Uri.TryCreate(value, UriKind.Absolute, out var address) && schemes.Contains(address.Scheme, StringComparer.Ordinal) && address.Host.Length > 0)
            return address;
        throw new CommandException($"{source} is '{value}', which is no address that begins with {schemes[0]}:// or {schemes[1]}://");
    }
}
