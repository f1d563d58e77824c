using System.CommandLine;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Output;
using KisFeed.Hosting;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Options;

/// <summary>The options that all verbs have that connect to a service: where it is, what its records look like, and what is logged.</summary>
internal sealed class ConnectionOptions
{
    private readonly Option<string?> _url = new("--url")
    {
        Description = "The WebSocket address. Default: KISFEED_URL, else that of kis_devlp.yaml, else the broker's.",
        HelpName = "ws://…",
    };

    private readonly Option<string?> _rest = new("--rest")
    {
        Description = "The REST address that issues approval keys. Default: KISFEED_REST, else the one that belongs to the WebSocket address.",
        HelpName = "http://…",
    };

    private readonly Option<string> _environment = CommonOptions.Choice("--env", "The broker's service: production or mock (모의투자). Default: KISFEED_ENVIRONMENT, else prod.", ServiceEnvironment.Prod);
    private readonly ClientCertificateOptions _clientCertificate = new();
    private readonly Option<string?> _layouts = CommonOptions.Layouts();
    private readonly Option<string> _log;
    private readonly Option<string> _logFormat = CommonOptions.Choice("--log-format", "Lines for people, or one JSON object a line with date and time, for log collectors.", LogFormat.Text);

    /// <summary>The options.</summary>
    /// <param name="log">What is logged where nothing else is said.</param>
    public ConnectionOptions(LogLevel log = LogLevel.None)
    {
        _log = CommonOptions.Log(log);
        _environment.DefaultValueFactory = null;
    }

    /// <summary>Gives a verb these options.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(_url);
        verb.Add(_rest);
        verb.Add(_environment);
        _clientCertificate.AddTo(verb);
        verb.Add(_layouts);
        verb.Add(_log);
        verb.Add(_logFormat);
    }

    /// <summary>All feeds, with the layouts of the file where one is given.</summary>
    /// <exception cref="LayoutFileException">The file cannot be used.</exception>
    public FeedCatalog CatalogOf(ParseResult arguments) => arguments.GetCatalog(_layouts);

    /// <summary>The log that is asked for.</summary>
    public HostLog OpenLog(CommandHost host, ParseResult arguments) => new(host, arguments.GetChoice<LogLevel>(_log), arguments.GetChoice<LogFormat>(_logFormat));

    /// <summary>Reads the configuration, which may lack an app key.</summary>
    /// <param name="host">Where variables, the home and the clock are.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="log">Where the client logs.</param>
    /// <param name="configure">What else the command line says.</param>
    /// <exception cref="CommandException">An address or the client's certificate cannot be used.</exception>
    /// <exception cref="KisFeedConfigurationException">A variable or a file cannot be understood.</exception>
    /// <exception cref="LayoutFileException">The layout file cannot be used.</exception>
    public KisFeedConfiguration Read(CommandHost host, ParseResult arguments, HostLog log, Func<KisFeedOptions, KisFeedOptions> configure) =>
        ServiceSettings.Read(host, arguments.GetValue(_url), arguments.GetValue(_rest), EnvironmentOf(arguments), options => configure(options with
        {
            Layouts = arguments.GetValue(_layouts) is { } path ? LayoutFile.Load(path) : options.Layouts,
            ClientCertificate = _clientCertificate.Read(host, arguments) ?? options.ClientCertificate,
            LoggerFactory = log,
        }));

    /// <summary>Whether the command line says which service to connect to.</summary>
    public bool HasService(ParseResult arguments) => arguments.GetValue(_url) is not null || arguments.GetValue(_rest) is not null || HasEnvironment(arguments);

    /// <summary>Whether the command line says which environment.</summary>
    public bool HasEnvironment(ParseResult arguments) => arguments.GetValue(_environment) is not null;

    /// <summary>Connects, and says so meanwhile.</summary>
    public static async Task<KisFeedClient> ConnectAsync(CommandHost host, KisFeedOptions options, CancellationToken cancellationToken)
    {
        using var progress = new Progress(host, () => $"connecting to {options.WebSocketUrl ?? KisEndpoints.WebSocket(options.Environment)} …");
        return await KisFeedClient.ConnectAsync(options, cancellationToken);
    }

    private KisEnvironment? EnvironmentOf(ParseResult arguments)
    {
        if (!HasEnvironment(arguments))
            return null;
        return arguments.GetChoice<ServiceEnvironment>(_environment) == ServiceEnvironment.Mock ? KisEnvironment.Mock : KisEnvironment.Production;
    }
}
