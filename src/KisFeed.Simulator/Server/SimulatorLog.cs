using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator.Server;

/// <summary>What the simulator logs beside what every server of the protocol does.</summary>
internal static partial class SimulatorLog
{
    [LoggerMessage(1, LogLevel.Information, "The simulator listens at {Address}, seed {Seed}, {Rate} market events a second")]
    public static partial void Started(ILogger logger, Uri address, int seed, double rate);

    [LoggerMessage(3, LogLevel.Warning, "The simulated trading day is over, at {Close}. Connections stay open, but no more data come; with Loop (--loop) the market goes on with the next day")]
    public static partial void DayOver(ILogger logger, TimeOnly close);

    [LoggerMessage(2, LogLevel.Information, "The simulator has stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(20, LogLevel.Information, "Faults from now on: {Faults}")]
    public static partial void FaultsSet(ILogger logger, SimulatorFaults faults);

    [LoggerMessage(21, LogLevel.Information, "Connection {Connection}, by way of a fault: {What}")]
    public static partial void Fault(ILogger logger, long connection, string what);

    [LoggerMessage(40, LogLevel.Critical, "The market has failed: no more ticks come")]
    public static partial void MarketFailed(ILogger logger, Exception exception);
}
