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
            .Append(UiText.Of(
                "kisfeed: real-time feeds of the Korea Investment & Securities (KIS) Open API\n\n",
                "kisfeed: 한국투자증권(KIS) Open API 실시간 데이터\n\n"))
            .Append(UiText.Of(
                $"App key:  {source ?? problem ?? "none; everything works with simulated data"}\n",
                $"앱키:        {source ?? (problem is null ? null : LibraryText.Of(problem)) ?? "없음. 가상 데이터로 모두 쓸 수 있습니다"}\n"));
        if (hasGateway)
        {
            text.Append(UiText.Of(
                $"Gateway:  running, with its dashboard at {gateway}\n",
                $"게이트웨이:  실행 중, 대시보드 {gateway}\n"));
        }
        text.Append('\n');
        if (hasGateway)
            Add($"watch index:0001 --url ws://{gateway.Authority}", UiText.Of("KOSPI, from the gateway", "코스피, 게이트웨이에서"));
        if (source is not null)
        {
            Add("watch index:0001", UiText.Of("KOSPI, live", "코스피, 실시간"));
            Add("doctor", UiText.Of("check configuration, network and credentials", "설정, 네트워크, 앱키 확인"));
        }
        else
        {
            Add("demo", UiText.Of("a simulated market, here and on a web page", "가상 시장, 터미널과 웹 화면에서"));
            Add("init", UiText.Of("store your app key and app secret", "앱키와 앱 시크릿 저장"));
        }

        if (!hasGateway)
        {
            Add("gateway", UiText.Of(
                $"share one session among programs{(source is null ? ", with simulated data" : "")}",
                $"세션 하나를 여러 프로그램이 나눠 쓰기{(source is null ? "(가상 데이터)" : "")}"));
        }
        Add("find 삼성", UiText.Of("keys of stocks, by name, code or initials", "종목의 키를 이름, 코드, 초성으로 찾기"));
        Add("completion --help", UiText.Of("complete commands in your shell", "셸 자동 완성"));
        Add("--help", UiText.Of("all commands", "모든 명령"));
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
