using KisFeed.Hosting;

namespace KisFeed.Cli.Diagnosis;

/// <summary>Shows the configuration and its sources, without secrets, and checks it.</summary>
internal sealed class ConfigurationCheck(
    Func<KisFeedConfiguration> read, bool isEnvironmentGiven, Func<KisFeedOptions, WatchTarget> findTarget)
    : Check(UiText.Of("configuration", "설정"), isRequired: true)
{
    public override Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken) =>
        Task.FromResult(Check(context));

    private IReadOnlyList<Finding> Check(DoctorContext context)
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
                    Failed(
                        LibraryText.Of(problem),
                        UiText.Of(
                            "Without an account: 'kisfeed simulate' prints the variables to set for the simulator.",
                            "계좌가 없으면 'kisfeed simulate'를 실행하세요. 시뮬레이터를 쓸 때 설정할 변수를 알려 줍니다."),
                        ExitCode.Usage),
                ];
            }

            configuration.Validate();
            return [.. Describe(configuration), .. Warnings(options)];
        }
        catch (Exception e)
            when (e is KisFeedException or CommandException or LayoutFileException or PriceScalesException or IOException
                or UnauthorizedAccessException)
        {
            var text = e is KisFeedException failure ? FailureText.Of(failure) : LibraryText.Of(e.Message);
            return [Failed(text, advice: null, ExitCode.Usage)];
        }
    }

    private IEnumerable<Finding> Describe(KisFeedConfiguration configuration)
    {
        foreach (var origin in configuration.Origins.Where(o => configuration.Problem is null || o.Option != nameof(KisFeedOptions.AppKey)))
            yield return Ok(Describe(origin, configuration.Options));
        foreach (var warning in configuration.Warnings)
            yield return Warning(warning);
        if (configuration.Options.AdditionalAppKeys.Count is > 0 and var further)
        {
            yield return Note(
                UiText.Of(
                    $"{further} more app key{(further == 1 ? " is" : "s are")} not checked: one connection is made, with the first",
                    $"앱키 {further}개는 확인하지 않음: 첫 앱키로 한 번만 접속합니다"));
        }
    }

    private string Describe(OptionOrigin origin, KisFeedOptions options)
    {
        // The environment from the command line is applied before the sources are read.
        var isOfCommandLine = origin.Source == "code" || (isEnvironmentGiven && origin.Option == nameof(KisFeedOptions.Environment));
        var source = isOfCommandLine ? UiText.Of("command line", "명령행") : LibraryText.Of(origin.Source);
        return origin.Option switch
        {
            nameof(KisFeedOptions.AppKey) => UiText.Of($"app key and app secret: {source}", $"앱키와 앱 시크릿: {source}"),
            nameof(KisFeedOptions.HtsId) => $"HTS ID: {source}",
            nameof(KisFeedOptions.Environment) =>
                UiText.Of(
                    $"environment: {(options.Environment == KisEnvironment.Mock ? "mock (모의투자)" : "production (실전투자)")} ({source})",
                    $"환경: {(options.Environment == KisEnvironment.Mock ? "모의투자(mock)" : "실전투자(prod)")} ({source})"),
            nameof(KisFeedOptions.WebSocketUrl) => UiText.Of(
                $"WebSocket: {ServiceAddresses.Show(ServiceAddresses.Of(options).WebSocket)} ({source})",
                $"웹소켓: {ServiceAddresses.Show(ServiceAddresses.Of(options).WebSocket)} ({source})"),
            nameof(KisFeedOptions.RestUrl) => UiText.Of(
                $"REST: {ServiceAddresses.Show(ServiceAddresses.Of(options).Rest)} "
                    + $"({(origin.Value is null && options.WebSocketUrl is not null ? "that of the WebSocket" : source)})",
                $"REST: {ServiceAddresses.Show(ServiceAddresses.Of(options).Rest)} "
                    + $"({(origin.Value is null && options.WebSocketUrl is not null ? "웹소켓과 같은 곳" : source)})"),
            _ => origin.Value is null ? $"{origin.Option}: {source}" : $"{origin.Option}: {origin.Value} ({source})",
        };
    }

    // Values that are valid, but probably not intended.
    private IEnumerable<Finding> Warnings(KisFeedOptions options)
    {
        if (options.AppKey.Any(char.IsWhiteSpace) || options.AppSecret.Any(char.IsWhiteSpace))
        {
            yield return Warning(
                UiText.Of("the app key or the app secret contains spaces or line breaks", "앱키나 앱 시크릿에 공백이나 줄바꿈이 있음"), UiText.Of(
                    "Copy both again, without anything around them.",
                    "앞뒤에 다른 것이 붙지 않게 둘 다 다시 복사하세요."));
        }
        if (options.AppKey.Length > options.AppSecret.Length)
        {
            yield return Warning(
                UiText.Of("the app key is longer than the app secret, so they may be swapped", "앱키가 앱 시크릿보다 길어 둘이 바뀌었을 수 있음"),
                UiText.Of("Check both: the broker's app keys are shorter than its app secrets.", "둘 다 확인하세요. 증권사의 앱키는 앱 시크릿보다 짧습니다."));
        }
        var other = options.Environment == KisEnvironment.Mock ? KisEnvironment.Production : KisEnvironment.Mock;
        var addresses = ServiceAddresses.Of(options);
        if (SameService(addresses.WebSocket, KisEndpoints.WebSocket(other)) || SameService(addresses.Rest, KisEndpoints.Rest(other)))
        {
            yield return Warning(
                UiText.Of(
                    $"the environment is {options.Environment}, but an address is that of {other}",
                    $"환경은 {options.Environment}인데 주소는 {other}의 것임"),
                UiText.Of(
                    $"Set --env {(other == KisEnvironment.Mock ? "mock" : "prod")}, or remove the addresses: each environment has its "
                        + "own.",
                    $"--env {(other == KisEnvironment.Mock ? "mock" : "prod")}로 바꾸거나 주소를 지우세요. 환경마다 주소가 다릅니다."));
        }
        if (addresses.WebSocket is { Scheme: "ws", IsLoopback: false })
        {
            yield return Note(
                UiText.Of(
                    "the WebSocket is not encrypted, as with the broker: the approval key and data cross the network in plain text",
                    "증권사와 마찬가지로 웹소켓이 암호화되지 않음: 접속키와 데이터가 평문으로 오갑니다"));
        }
    }

    private static bool SameService(Uri address, Uri other) =>
        address.Port == other.Port && address.Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The addresses that a client with the given options connects to.</summary>
internal sealed record ServiceAddresses(Uri WebSocket, Uri Rest)
{
    /// <summary>Whether the feeds come from the broker itself, rather than from a simulator, a replay or a gateway.</summary>
    public bool IsBroker => IsHostOf(WebSocket, KisEndpoints.WebSocket(KisEnvironment.Production))
        || IsHostOf(WebSocket, KisEndpoints.WebSocket(KisEnvironment.Mock));

    /// <summary>Returns the addresses, including defaults.</summary>
    public static ServiceAddresses Of(KisFeedOptions options) =>
        new(options.WebSocketUrl ?? KisEndpoints.WebSocket(options.Environment), RestOf(options));

    /// <summary>Formats an address without a password that it may contain.</summary>
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
