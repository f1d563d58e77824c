using KisFeed.Gateway;
using KisFeed.Gateway.Web.Html;

namespace KisFeed.Cli.Gateways;

/// <summary>The guide that a gateway prints at its start: what it serves, where, and to whom.</summary>
internal static class GatewayGuide
{
    // Any credentials of this form are accepted if there are no tokens.
    private const string AnyAppKey = "GATEWAYAPPKEY00000000000000000000000";
    private const string AnyAppSecret = "GATEWAYAPPSECRET000000000000000000000000000000000000";

    public static void Write(TextWriter output, GatewayServer server, string source, string? recording)
    {
        var socket = server.WebSocketUrl.GetLeftPart(UriPartial.Authority);
        var web = server.RestUrl.GetLeftPart(UriPartial.Authority);
        output.WriteLine(UiText.Of($"KisFeed gateway: {source}.", $"KisFeed 게이트웨이: {source}."));
        output.WriteLine();
        output.WriteLine(UiText.Of($"  Dashboard  {DashboardAddress.Of(server)}", $"  대시보드   {DashboardAddress.Of(server)}"));
        AddressGuide.WriteAddresses(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine(UiText.Of(
            $"  Streams    {web}/v1/stream?subscribe=index:0001,program:005930    server-sent events, or WebSocket",
            $"  스트림     {web}/v1/stream?subscribe=index:0001,program:005930    SSE 또는 웹소켓"));
        output.WriteLine(UiText.Of($"  Status     {web}/v1/status", $"  상태       {web}/v1/status"));
        if (server.HealthUrl is { } health)
        {
            output.WriteLine(UiText.Of(
                $"  Health     {health.GetLeftPart(UriPartial.Authority)}/readyz",
                $"  상태 검사  {health.GetLeftPart(UriPartial.Authority)}/readyz"));
        }
        if (recording is not null)
            output.WriteLine(UiText.Of($"  Recording  {recording}", $"  기록       {recording}"));
        if (server.Status.Cluster is { } cluster)
            output.WriteLine(UiText.Of($"  Cluster    {ClusterText(cluster)}", $"  클러스터   {ClusterText(cluster)}"));
        output.WriteLine();
        WriteConsumers(output, server, socket, web);
        output.WriteLine();
        AddressGuide.WriteChanges(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine();
        output.WriteLine(UiText.Of("Press Ctrl-C to stop.", "끝내려면 Ctrl-C를 누르세요."));
    }

    // At the start an ingest does not know yet whether another one holds its app key.
    private static string ClusterText(GatewayCluster cluster) => cluster.Role switch
    {
        GatewayClusterRole.Edge => UiText.Of($"edge {cluster.Node}", $"엣지 {cluster.Node}"),
        GatewayClusterRole.Ingest => UiText.Of($"ingest {cluster.Node}", $"수집 게이트웨이 {cluster.Node}"),
        _ => UiText.Of(
            $"ingest {cluster.Node}, a standby while another ingest holds its app key",
            $"수집 게이트웨이 {cluster.Node}. 다른 수집 게이트웨이가 앱키를 맡고 있는 동안 대기합니다"),
    };

    private static void WriteConsumers(TextWriter output, GatewayServer server, string socket, string web)
    {
        output.WriteLine(UiText.Of("From another terminal:", "다른 터미널에서:"));
        output.WriteLine();
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.UrlVariable, socket)}");
        if (server.IsOpen)
        {
            output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppKeyVariable, AnyAppKey)}");
            output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppSecretVariable, AnyAppSecret)}");
            output.WriteLine("  kisfeed watch index:0001");
            output.WriteLine($"  curl -N '{web}/v1/stream?subscribe=index:0001'");
            output.WriteLine();
            output.WriteLine(UiText.Of(
                "Anyone who can reach this address can connect, with any credentials of plausible form.",
                "이 주소에 접속할 수 있으면 누구나, 형식만 맞는 앱키로 데이터를 받습니다."));
            output.WriteLine(UiText.Of(
                "'kisfeed gateway token add NAME' restricts it to consumers with a token, effective immediately.",
                "'kisfeed gateway token add NAME'을 실행하면 바로 토큰이 있는 소비자만 접속할 수 있습니다."));
        }
        else
        {
            output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppKeyVariable, "'the consumer’s app key'")}");
            output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppSecretVariable, "'the consumer’s app secret'")}");
            output.WriteLine("  kisfeed watch index:0001");
            output.WriteLine($"  curl -N -u \"${ServiceSettings.AppKeyVariable}:${ServiceSettings.AppSecretVariable}\" "
                + $"'{web}/v1/stream?subscribe=index:0001'");
            output.WriteLine();
            output.WriteLine(UiText.Of(
                "Only consumers with a token can connect: 'kisfeed gateway token list' lists them, 'kisfeed gateway token add NAME' adds "
                    + "one.",
                "토큰이 있는 소비자만 접속할 수 있습니다. 목록은 'kisfeed gateway token list', 추가는 'kisfeed gateway token add NAME'."));
        }
    }
}

/// <summary>The address of a gateway's dashboard.</summary>
internal static class DashboardAddress
{
    /// <summary>Returns the address, or why there is none.</summary>
    public static string Of(GatewayServer server) => HtmlFiles.BuiltIn.Page is null
        ? UiText.Of(
            "left out of this build: it needs Node.js 20.19; run npm ci in web/ and build again",
            "이 빌드에는 없음: Node.js 20.19를 설치하고 web/에서 npm ci를 실행한 뒤 다시 빌드하세요")
        : $"{server.RestUrl.GetLeftPart(UriPartial.Authority)}/";
}
