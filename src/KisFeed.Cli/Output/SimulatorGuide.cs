using KisFeed.Cli.Options;
using KisFeed.Simulator;

namespace KisFeed.Cli.Output;

/// <summary>Says how to point a client at a simulator.</summary>
internal static class SimulatorGuide
{
    // Of the form that the simulator takes where none are prescribed.
    private const string AnyAppKey = "SIMULATORAPPKEY000000000000000000000";
    private const string AnyAppSecret = "SIMULATORAPPSECRET0000000000000000000000000000000000";
    private const string AnyHtsId = "MYHTSID";

    public static void Write(TextWriter output, SimulatorServer server, SimulatorOptions options)
    {
        var socket = server.WebSocketUrl.GetLeftPart(UriPartial.Authority);
        var rest = server.RestUrl.GetLeftPart(UriPartial.Authority);
        var rate = double.IsPositiveInfinity(options.Rate) ? "as many market events as the machine manages" : $"{options.Rate} market events";
        output.WriteLine($"KisFeed simulator: the broker's protocol and a simulated market, seed {options.Seed}, {rate} a second.");
        output.WriteLine();
        AddressGuide.WriteAddresses(output, server.RestUrl, server.WebSocketUrl);
        if (options.Admin)
            output.WriteLine($"  Faults     {rest}{SimulatorServer.AdminPath}");
        if (options.Faults != SimulatorFaults.None)
        {
            output.WriteLine();
            output.WriteLine($"It misbehaves: {options.Faults}");
        }

        output.WriteLine();
        output.WriteLine("Watch it from another terminal:");
        output.WriteLine();
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.UrlVariable, socket)}");
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppKeyVariable, options.AppKey is null ? AnyAppKey : "'the --appkey'")}");
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppSecretVariable, options.AppSecret is null ? AnyAppSecret : "'the --appsecret'")}");
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.HtsIdVariable, options.HtsId is null ? AnyHtsId : "'the --htsid'")}");
        output.WriteLine("  kisfeed watch index:0001 bond:KR103502GA34 program:005930 notice");
        output.WriteLine();
        AddressGuide.WriteChanges(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine();
        if (options.AppKey is null && options.AppSecret is null)
            output.WriteLine("Any app key of 6 to 64 letters and digits and any secret of 6 characters or more are accepted.");
        if (!options.AllowUnsolicitedPongs)
        {
            output.WriteLine("Like the broker, the simulator cuts a client that sends pong frames which answer no heartbeat (.NET: set KeepAliveInterval");
            output.WriteLine("to zero). --pong lenient ignores them; --lenient accepts clients that answer no heartbeats, too.");
        }

        output.WriteLine();
        output.WriteLine("Ctrl-C ends it.");
    }
}
