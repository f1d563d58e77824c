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
        output.WriteLine($"KisFeed gateway: {source}.");
        output.WriteLine();
        output.WriteLine($"  Dashboard  {DashboardAddress.Of(server)}");
        AddressGuide.WriteAddresses(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine($"  Streams    {web}/v1/stream?subscribe=index:0001,program:005930    server-sent events, or WebSocket");
        output.WriteLine($"  Status     {web}/v1/status");
        if (server.HealthUrl is { } health)
            output.WriteLine($"  Health     {health.GetLeftPart(UriPartial.Authority)}/readyz");
        if (recording is not null)
            output.WriteLine($"  Recording  {recording}");
        if (server.Status.Cluster is { } cluster)
            output.WriteLine($"  Cluster    {ClusterText(cluster)}");
        output.WriteLine();
        WriteConsumers(output, server, socket, web);
        output.WriteLine();
        AddressGuide.WriteChanges(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine();
        output.WriteLine("Press Ctrl-C to stop.");
    }

    // At the start an ingest does not know yet whether another one holds its app key.
    private static string ClusterText(GatewayCluster cluster) => cluster.Role switch
    {
        GatewayClusterRole.Edge => $"edge {cluster.Node}",
        GatewayClusterRole.Ingest => $"ingest {cluster.Node}",
        _ => $"ingest {cluster.Node}, a standby while another ingest holds its app key",
    };

    private static void WriteConsumers(TextWriter output, GatewayServer server, string socket, string web)
    {
        output.WriteLine("From another terminal:");
        output.WriteLine();
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.UrlVariable, socket)}");
        if (server.IsOpen)
        {
            output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppKeyVariable, AnyAppKey)}");
            output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppSecretVariable, AnyAppSecret)}");
            output.WriteLine("  kisfeed watch index:0001");
            output.WriteLine($"  curl -N '{web}/v1/stream?subscribe=index:0001'");
            output.WriteLine();
            output.WriteLine("Anyone who can reach this address can connect, with any credentials of plausible form.");
            output.WriteLine("'kisfeed gateway token add NAME' restricts it to consumers with a token, effective immediately.");
        }
        else
        {
            output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppKeyVariable, "'the consumer’s app key'")}");
            output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppSecretVariable, "'the consumer’s app secret'")}");
            output.WriteLine("  kisfeed watch index:0001");
            output.WriteLine($"  curl -N -u \"${ServiceSettings.AppKeyVariable}:${ServiceSettings.AppSecretVariable}\" "
                + $"'{web}/v1/stream?subscribe=index:0001'");
            output.WriteLine();
            output.WriteLine("Only consumers with a token can connect: 'kisfeed gateway token list' lists them, "
                + "'kisfeed gateway token add NAME' adds one.");
        }
    }
}

/// <summary>The address of a gateway's dashboard.</summary>
internal static class DashboardAddress
{
    /// <summary>Returns the address, or why there is none.</summary>
    public static string Of(GatewayServer server) => HtmlFiles.BuiltIn.Page is null
        ? "left out of this build: it needs Node.js 20.19; run npm ci in web/ and build again"
        : $"{server.RestUrl.GetLeftPart(UriPartial.Authority)}/";
}
