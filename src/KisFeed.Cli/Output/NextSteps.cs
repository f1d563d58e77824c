using KisFeed.Cli.Ticks;
using KisFeed.Hosting;

namespace KisFeed.Cli.Output;

/// <summary>What <c>kisfeed</c> alone shows at a terminal: what one can do next with what is configured and running.</summary>
internal static class NextSteps
{
    private const int CommandWidth = 22;

    // A gateway on this machine answers within a few milliseconds, except on a busy one.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>The address of a gateway on this machine with its default port.</summary>
    public static Uri LocalGateway { get; } = new("http://127.0.0.1:21000/");

    /// <summary>Writes the text, at most 15 lines.</summary>
    /// <param name="host">The host.</param>
    /// <param name="gateway">Where a gateway may be running.</param>
    /// <param name="cancellationToken">Cancels the question to the gateway.</param>
    public static async Task<string> WriteAsync(CommandHost host, Uri gateway, CancellationToken cancellationToken)
    {
        var (source, problem) = ReadCredentials(host);
        var hasGateway = await IsRunningAsync(gateway, cancellationToken);
        var text = new StringBuilder()
            .Append("kisfeed: real-time feeds of the Korea Investment & Securities (KIS) Open API\n\n")
            .Append(CultureInfo.InvariantCulture, $"App key:  {source ?? problem ?? "none; everything works with simulated data"}\n");
        if (hasGateway)
            text.Append(CultureInfo.InvariantCulture, $"Gateway:  running, with its dashboard at {gateway}\n");
        text.Append('\n');
        if (hasGateway)
            Add($"watch index:0001 --url ws://{gateway.Authority}", "KOSPI, from the gateway");
        if (source is not null)
        {
            Add("watch index:0001", "KOSPI, live");
            Add("doctor", "check configuration, network and credentials");
        }
        else
        {
            Add("demo", "a simulated market, here and on a web page");
            Add("init", "store your app key and app secret");
        }

        if (!hasGateway)
            Add("gateway", $"share one session among programs{(source is null ? ", with simulated data" : "")}");
        Add("find 삼성", "keys of stocks, by name, code or initials");
        Add("completion --help", "complete commands in your shell");
        Add("--help", "all commands");
        return text.ToString();

        void Add(string command, string does) => text.Append(CultureInfo.InvariantCulture, $"  kisfeed {command}")
            .Append(' ', Math.Max(0, CommandWidth - CellWidth.Of(command)))
            .Append(CultureInfo.InvariantCulture, $"  {does}\n");
    }

    private static (string? Source, string? Problem) ReadCredentials(CommandHost host)
    {
        try
        {
            var configuration = KisFeedConfiguration.Read(
                new KisFeedSources { Variable = host.Variable, HomeFolder = host.HomeFolder }, options => options);
            return configuration.Problem is null
                ? (configuration.Options.CredentialsSource, null)
                : (null, configuration.Options is { AppKey: "", AppSecret: "" } ? null : configuration.Problem);
        }
        catch (KisFeedException e)
        {
            return (null, FailureText.Of(e));
        }
    }

    private static async Task<bool> IsRunningAsync(Uri gateway, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = s_patience };
        try
        {
            return await http.GetStringAsync(new Uri(gateway, "healthz"), cancellationToken) == "ok\n";
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
