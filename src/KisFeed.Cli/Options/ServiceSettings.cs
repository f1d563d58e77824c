using KisFeed.Hosting;

namespace KisFeed.Cli.Options;

/// <summary>
/// The addresses and credentials: from the command line, then environment variables, then the file of the official samples.
/// </summary>
internal static class ServiceSettings
{
    public const string AppKeyVariable = KisFeedVariables.AppKey;
    public const string AppSecretVariable = KisFeedVariables.AppSecret;
    public const string HtsIdVariable = KisFeedVariables.HtsId;
    public const string UrlVariable = KisFeedVariables.Url;
    public const string RestVariable = KisFeedVariables.Rest;

    private const string PlaceholderAppKey = "PLACEHOLDERAPPKEY0000000000000000000";
    private const string PlaceholderAppSecret = "PLACEHOLDERAPPSECRET00000000000000000000000000000000";
    private const string PlaceholderHtsId = "MYHTSID";

    /// <summary>Reads the configuration. An app key may be missing: <see cref="Require"/> checks that.</summary>
    public static KisFeedConfiguration Read(
        CommandHost host, string? url, string? rest, KisEnvironment? environment, Func<KisFeedOptions, KisFeedOptions> configure)
    {
        var socket = ReadAddress("--url", url, "ws", "wss");
        var approval = ReadAddress("--rest", rest, "http", "https");
        var sources = new KisFeedSources { Variable = host.Variable, HomeFolder = host.HomeFolder };
        var configuration = KisFeedConfiguration.Read(sources, options => configure(WithPlaceholders(host, options with
        {
            Environment = environment ?? options.Environment,
            WebSocketUrl = socket ?? options.WebSocketUrl,
            RestUrl = approval ?? options.RestUrl,
            TimeProvider = host.Time,
            Reconnect = host.Reconnect,
        })));
        if (configuration.Options.AppKey == PlaceholderAppKey)
        {
            host.WriteMessage(UiText.Of(
                $"no credentials are configured: using placeholders for {configuration.Options.WebSocketUrl!.Authority}, which is on "
                    + "this machine",
                $"설정된 앱키가 없어 이 컴퓨터의 {configuration.Options.WebSocketUrl!.Authority}에 임의의 값을 씁니다"));
        }
        return configuration;
    }

    /// <summary>Whether a variable sets an app key or an app secret.</summary>
    public static bool HasCredentials(CommandHost host) =>
        SecretVariable.IsSet(host.Variable, AppKeyVariable) || SecretVariable.IsSet(host.Variable, AppSecretVariable);

    // Simulators, replays and gateways without tokens accept any credentials of plausible form. Placeholders
    // are never sent to another machine.
    private static KisFeedOptions WithPlaceholders(CommandHost host, KisFeedOptions options) =>
        options is { AppKey: "", AppSecret: "", WebSocketUrl.IsLoopback: true, RestUrl: null or { IsLoopback: true } }
        && !HasCredentials(host)
            ? options with
            {
                AppKey = PlaceholderAppKey,
                AppSecret = PlaceholderAppSecret,
                CredentialsSource = $"{AppKeyVariable} and {AppSecretVariable}",
                HtsId = options.HtsId ?? PlaceholderHtsId,
            }
            : options;

    /// <summary>Returns the options of the client.</summary>
    public static KisFeedOptions Require(KisFeedConfiguration configuration)
    {
        if (configuration.Problem is { } problem)
        {
            throw new CommandException(
                UiText.Of(
                    $"{problem} Without an account, use 'kisfeed demo', or 'kisfeed simulate', which prints the variables to set.",
                    $"{LibraryText.Of(problem)} 계좌가 없으면 'kisfeed demo'나, 설정할 변수를 알려 주는 'kisfeed simulate'를 쓰세요."));
        }
        configuration.Validate();
        return configuration.Options;
    }

    private static Uri? ReadAddress(string option, string? value, params ReadOnlySpan<string> schemes)
    {
        if (value is null)
            return null;
        if (Uri.TryCreate(value, UriKind.Absolute, out var address)
            && schemes.Contains(address.Scheme, StringComparer.Ordinal)
            && address.Host.Length > 0)
        {
            return address;
        }
        var hint = address is { Scheme: "http" or "ws" } ? UiText.Of(
            $": use {schemes[0]}://{address.Authority}",
            $". {schemes[0]}://{address.Authority}로 쓰세요")
            : address is { Scheme: "https" or "wss" } ? UiText.Of(
                $": use {schemes[1]}://{address.Authority}",
                $". {schemes[1]}://{address.Authority}로 쓰세요")
            : "";
        throw new CommandException(UiText.Of(
            $"{option}: '{value}' is not an address that begins with {schemes[0]}:// or {schemes[1]}://{hint}",
            $"{option}: '{value}': {schemes[0]}://나 {schemes[1]}://로 시작하는 주소가 아닙니다{hint}"));
    }
}
