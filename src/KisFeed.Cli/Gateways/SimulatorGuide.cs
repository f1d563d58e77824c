using KisFeed.Simulator;

namespace KisFeed.Cli.Gateways;

/// <summary>The guide that a simulator prints at its start: how to connect a client.</summary>
internal static class SimulatorGuide
{
    // Any credentials of this form are accepted unless the options set others.
    private const string AnyAppKey = "SIMULATORAPPKEY000000000000000000000";
    private const string AnyAppSecret = "SIMULATORAPPSECRET0000000000000000000000000000000000";
    private const string AnyHtsId = "MYHTSID";

    public static void Write(TextWriter output, SimulatorServer server, SimulatorOptions options)
    {
        var socket = server.WebSocketUrl.GetLeftPart(UriPartial.Authority);
        var rest = server.RestUrl.GetLeftPart(UriPartial.Authority);
        output.WriteLine($"KisFeed simulator: the broker's protocol and a simulated market, seed {options.Seed}, {RateOf(options)}.");
        var end = options.Loop
            ? "continues with the next day after 15:30"
            : "no data is sent after 15:30; --loop continues with the next day";
        output.WriteLine($"Market time starts at {options.StartAt:HH:mm}, and {end}.");
        output.WriteLine();
        AddressGuide.WriteAddresses(output, server.RestUrl, server.WebSocketUrl);
        if (options.Admin)
            output.WriteLine($"  Faults     {rest}{SimulatorServer.AdminPath}");
        if (options.Faults != SimulatorFaults.None)
        {
            output.WriteLine();
            output.WriteLine($"Faults: {options.Faults}");
        }

        output.WriteLine();
        output.WriteLine("Watch it from another terminal:");
        output.WriteLine();
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.UrlVariable, socket)}");
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppKeyVariable, options.AppKey is null ? AnyAppKey : "'the --appkey'")}");
        output.WriteLine(
            $"  {ShellVariable.Line(ServiceSettings.AppSecretVariable, options.AppSecret is null ? AnyAppSecret : "'the --appsecret'")}");
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.HtsIdVariable, options.HtsId is null ? AnyHtsId : "'the --htsid'")}");
        output.WriteLine("  kisfeed watch index:0001 bond:KR103502GA34 program:005930 notice");
        output.WriteLine();
        AddressGuide.WriteChanges(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine();
        if (options.AppKey is null && options.AppSecret is null)
            output.WriteLine("Any app key of 6 to 64 letters and digits and any secret of 6 characters or more are accepted.");
        if (!options.AllowUnsolicitedPongs)
        {
            output.WriteLine("Like the broker, the simulator disconnects a client that sends pong frames without a heartbeat "
                + "(.NET: set KeepAliveInterval");
            output.WriteLine("to zero). --pong lenient ignores such frames; --lenient also accepts clients that do not answer heartbeats.");
        }

        output.WriteLine();
        output.WriteLine("Press Ctrl-C to stop.");
    }

    private static string RateOf(SimulatorOptions options)
    {
        if (double.IsPositiveInfinity(options.Rate))
            return "market events as fast as possible";
        return options.Speed is 1
            ? $"{options.Rate} market events per second"
            : $"{options.Rate} market events per second of market time, which runs {options.Speed} times as fast as real time";
    }
}
