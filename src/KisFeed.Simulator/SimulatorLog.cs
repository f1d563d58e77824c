using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator;

/// <summary>The log messages of the simulator in addition to those of the server.</summary>
internal static partial class SimulatorLog
{
    [LoggerMessage(1, LogLevel.Information, "The simulator listens at {Address}, seed {Seed}, {Rate} market events per second")]
    public static partial void Started(ILogger logger, Uri address, int seed, double rate);

    [LoggerMessage(3, LogLevel.Warning, "The simulated trading day is over, at {Close}. Connections stay open, but no more data are sent. "
        + "With Loop (--loop) the market continues with the next day")]
    public static partial void DayOver(ILogger logger, TimeOnly close);

    [LoggerMessage(2, LogLevel.Information, "The simulator has stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(20, LogLevel.Information, "Faults set: {Faults}")]
    public static partial void FaultsSet(ILogger logger, SimulatorFaults faults);

    [LoggerMessage(21, LogLevel.Information, "Simulated fault on connection {Connection}: {What}")]
    public static partial void Fault(ILogger logger, long connection, string what);

    [LoggerMessage(40, LogLevel.Critical, "The market failed. No more data are sent")]
    public static partial void MarketFailed(ILogger logger, Exception exception);
}
