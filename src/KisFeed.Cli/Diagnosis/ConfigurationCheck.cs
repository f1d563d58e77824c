using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Hosting;
using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Cli.Diagnosis;

/// <summary>What is configured, and where, without the secrets.</summary>
/// <param name="read">Reads the configuration.</param>
/// <param name="isEnvironmentGiven">Whether the command line says which environment.</param>
/// <param name="findTarget">Finds what is to be subscribed to; <see langword="null"/> where there is nothing to.</param>
internal sealed class ConfigurationCheck(Func<KisFeedConfiguration> read, bool isEnvironmentGiven, Func<KisFeedOptions, WatchTarget?> findTarget) : ICheck
{
    public string Name => "configuration";

    public bool IsNeeded => true;

    public Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken) => Task.FromResult(Look(context));

    private IReadOnlyList<Finding> Look(DoctorContext context)
    {
        try
        {
            var configuration = read();
            var options = configuration.Options;
            context.Options = options with { AdditionalAppKeys = [], Reconnect = ReconnectPolicy.Never, MeterFactory = context.Heartbeats };
            context.Target = findTarget(options);
            if (configuration.Problem is { } problem)
            {
                return
                [
                    .. Describe(configuration),
                    Failed(problem, "Without an account: 'kisfeed simulate' says what to set to use the simulator."),
                ];
            }

            configuration.Validate();
            return [.. Describe(configuration), .. Doubts(options)];
        }
        catch (Exception e) when (e is KisFeedException or CommandException or LayoutFileException or IOException or UnauthorizedAccessException)
        {
            return [Failed(e.Message, null)];
        }
    }

    private IEnumerable<Finding> Describe(KisFeedConfiguration configuration)
    {
        foreach (var origin in configuration.Origins.Where(o => configuration.Problem is null || o.Option != nameof(KisFeedOptions.AppKey)))
            yield return new Finding(Name, FindingStatus.Ok, Describe(origin, configuration.Options));
        foreach (var warning in configuration.Warnings)
            yield return new Finding(Name, FindingStatus.Warning, warning);
        if (configuration.Options.AdditionalAppKeys.Count is > 0 and var further)
            yield return new Finding(Name, FindingStatus.Note, $"{further} more app key{(further == 1 ? " is" : "s are")} not checked: one connection is made, with the first");
    }

    private string Describe(OptionOrigin origin, KisFeedOptions options)
    {
        // What the command line says of the environment is settled before the sources are read.
        var isOfCommandLine = origin.Source == "code" || (isEnvironmentGiven && origin.Option == nameof(KisFeedOptions.Environment));
        var source = isOfCommandLine ? "command line" : origin.Source;
        return origin.Option switch
        {
            nameof(KisFeedOptions.AppKey) => $"app key and app secret: {source}",
            nameof(KisFeedOptions.HtsId) => $"HTS ID: {source}",
            nameof(KisFeedOptions.Environment) => $"environment: {(options.Environment == KisEnvironment.Mock ? "mock (모의투자)" : "production (실전투자)")} ({source})",
            nameof(KisFeedOptions.WebSocketUrl) => $"WebSocket: {ServiceAddresses.Show(ServiceAddresses.Of(options).WebSocket)} ({source})",
            nameof(KisFeedOptions.RestUrl) => $"REST: {ServiceAddresses.Show(ServiceAddresses.Of(options).Rest)} ({(origin.Value is null && options.WebSocketUrl is not null ? "that of the WebSocket" : source)})",
            _ => origin.Value is null ? $"{origin.Option}: {source}" : $"{origin.Option}: {origin.Value} ({source})",
        };
    }

    // What can be used, but is probably not what was meant.
    private IEnumerable<Finding> Doubts(KisFeedOptions options)
    {
        if (options.AppKey.Any(char.IsWhiteSpace) || options.AppSecret.Any(char.IsWhiteSpace))
            yield return Warning("the app key or the app secret has blanks or line breaks in it", "Copy both anew, without anything around them.");
        if (options.AppKey.Length > options.AppSecret.Length)
            yield return Warning("the app key is longer than the app secret, as if they had been exchanged", "Look at both again: the broker's app keys are the shorter ones.");
        var other = options.Environment == KisEnvironment.Mock ? KisEnvironment.Production : KisEnvironment.Mock;
        var addresses = ServiceAddresses.Of(options);
        if (SameService(addresses.WebSocket, KisEndpoints.WebSocket(other)) || SameService(addresses.Rest, KisEndpoints.Rest(other)))
            yield return Warning($"the environment is {options.Environment}, but an address is that of {other}", $"Set --env {(other == KisEnvironment.Mock ? "mock" : "prod")}, or leave the addresses out: each environment has its own.");
        if (addresses.WebSocket is { Scheme: "ws", IsLoopback: false })
            yield return new Finding(Name, FindingStatus.Note, "the WebSocket is not encrypted, as the broker has it: approval key and data cross the network in clear");
    }

    private static bool SameService(Uri address, Uri other) => address.Port == other.Port && address.Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase);

    private Finding Warning(string text, string advice) => new(Name, FindingStatus.Warning, text) { Advice = advice };

    private Finding Failed(string text, string? advice) => new(Name, FindingStatus.Failed, text) { Advice = advice, ExitCode = ExitCode.Usage };
}

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
