using KisFeed.Hosting;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Options;

/// <summary>The options of all commands that connect to a service: its address, the layouts of its records, and logging.</summary>
internal sealed class ConnectionOptions
{
    private readonly ValueOption<string?> _url = new("--url", "ws://…",
        UiText.Of(
            "The WebSocket address. [KISFEED_URL, else that of kis_devlp.yaml, else the broker's]",
            "웹소켓 주소. [KISFEED_URL, 없으면 kis_devlp.yaml의 주소, 없으면 증권사]"));

    private readonly ValueOption<string?> _rest = new("--rest", "http://…",
        UiText.Of(
            "The REST address that issues approval keys. [KISFEED_REST, else the one of the WebSocket address]",
            "접속키를 발급하는 REST 주소. [KISFEED_REST, 없으면 웹소켓 주소에 맞는 주소]"));

    private readonly ChoiceOption<ServiceEnvironment> _environment = new(
        "--env", UiText.Of(
            "The broker's service: production or mock (모의투자). [KISFEED_ENVIRONMENT, else prod]",
            "증권사 서비스: prod(실전투자) 또는 mock(모의투자). [KISFEED_ENVIRONMENT, 없으면 prod]"), preset: null);
    private readonly ClientCertificateOptions _clientCertificate = new();
    private readonly CatalogOptions _catalog = new();
    private readonly ChoiceOption<LogLevel> _log;
    private readonly ChoiceOption<LogFormat> _logFormat = CommonOptions.LogFormat();

    public ConnectionOptions(LogLevel log = LogLevel.None) => _log = CommonOptions.Log(log);

    public Option[] Service => [_url, _rest, _environment, .. _clientCertificate.All];

    public Option[] Logging => [_log, _logFormat];

    public Option Layouts => _catalog.Layouts;

    public MastersOption Masters => _catalog.Masters;

    public void AddTo(Command command)
    {
        command.AddAll([.. Service, .. _catalog.All, .. Logging]);
        Validate(command);
    }

    public void Validate(Command command) => _clientCertificate.Validate(command);

    /// <summary>Returns all feeds, with the layouts and decimal places of the files that are given.</summary>
    public FeedCatalog CatalogOf(CommandHost host, ParseResult arguments) => _catalog.Read(host, arguments);

    public HostLog OpenLog(CommandHost host, ParseResult arguments) =>
        new(host, _log.Read(arguments), _logFormat.Read(arguments));

    /// <summary>Reads the configuration. An app key may be missing.</summary>
    public KisFeedConfiguration Read(
        CommandHost host, ParseResult arguments, HostLog log, Func<KisFeedOptions, KisFeedOptions> configure) =>
        ServiceSettings.Read(
            host, arguments.GetValue(_url), arguments.GetValue(_rest), EnvironmentOf(arguments), options => configure(options with
            {
                Layouts = _catalog.LayoutsOf(arguments) ?? options.Layouts,
                PriceScales = _catalog.ScalesOf(host, arguments) ?? options.PriceScales,
                ClientCertificate = _clientCertificate.Read(host, arguments) ?? options.ClientCertificate,
                LoggerFactory = log,
            }));

    public bool HasService(ParseResult arguments) =>
        arguments.GetValue(_url) is not null || arguments.GetValue(_rest) is not null || HasEnvironment(arguments);

    public bool HasEnvironment(ParseResult arguments) => arguments.IsGiven(_environment);

    /// <summary>Connects, and shows that on the terminal.</summary>
    public static async Task<KisFeedClient> ConnectAsync(CommandHost host, KisFeedOptions options, CancellationToken cancellationToken)
    {
        using var progress = new Progress(
            host, () => UiText.Of(
                $"connecting to {options.WebSocketUrl ?? KisEndpoints.WebSocket(options.Environment)} …",
                $"{options.WebSocketUrl ?? KisEndpoints.WebSocket(options.Environment)} 접속 중 …"));
        return await KisFeedClient.ConnectAsync(options, cancellationToken);
    }

    private KisEnvironment? EnvironmentOf(ParseResult arguments)
    {
        if (!HasEnvironment(arguments))
            return null;
        return _environment.Read(arguments) == ServiceEnvironment.Mock ? KisEnvironment.Mock : KisEnvironment.Production;
    }
}

/// <summary>The broker's services, as named on the command line.</summary>
internal enum ServiceEnvironment
{
    /// <summary>The production service (실전투자).</summary>
    Prod,

    /// <summary>The mock service (모의투자).</summary>
    Mock,
}
