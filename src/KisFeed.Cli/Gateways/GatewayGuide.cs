using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary>Says what a gateway serves, where, and to whom.</summary>
internal static class GatewayGuide
{
    // Of the form that everybody may use where there are no tokens.
    private const string AnyAppKey = "GATEWAYAPPKEY00000000000000000000000";
    private const string AnyAppSecret = "GATEWAYAPPSECRET000000000000000000000000000000000000";

    /// <summary>Writes it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="server">The gateway.</param>
    /// <param name="source">Where its data come from, in words.</param>
    /// <param name="recording">The folder recorded into; <see langword="null"/> for none.</param>
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
        output.WriteLine();
        WriteConsumers(output, server, socket, web);
        output.WriteLine();
        AddressGuide.WriteChanges(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine();
        output.WriteLine("Ctrl-C ends it.");
    }

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
            output.WriteLine("Everybody who can reach this address is let in, with any credentials of plausible form.");
            output.WriteLine("'kisfeed gateway token add NAME' makes it take those alone who have a token, from that moment on.");
        }
        else
        {
            output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppKeyVariable, "'the consumer’s app key'")}");
            output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppSecretVariable, "'the consumer’s app secret'")}");
            output.WriteLine("  kisfeed watch index:0001");
            output.WriteLine($"  curl -N -u \"${ServiceSettings.AppKeyVariable}:${ServiceSettings.AppSecretVariable}\" '{web}/v1/stream?subscribe=index:0001'");
            output.WriteLine();
            output.WriteLine("Only those are let in who have a token: 'kisfeed gateway token list' says who, 'kisfeed gateway token add NAME' adds one.");
        }
    }
}
