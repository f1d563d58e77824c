using KisFeed.Session;
using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Invariants;

namespace KisFeed.Simulation.Client;

/// <summary>One session with what surrounds it: its timer, its connection, and the approval key kept for it.</summary>
internal sealed class SimulatedSession(int number, SessionMachine machine, BrokerAccount account, ReconnectPolicy promised)
{
    public int Number => number;

    public SessionMachine Machine => machine;

    public BrokerAccount Account => account;

    public AttemptChecks Attempts { get; } = new(promised);

    public ConductChecks Conduct { get; } = new(machine.Settings);

    /// <summary>The present connection or attempt.</summary>
    public ClientLink? Link { get; set; }

    /// <summary>When the timer is due; <see langword="null"/> where none is set.</summary>
    public TimeSpan? Timer { get; set; }

    public int TimerVersion { get; set; }

    public string? ApprovalKey { get; set; }

    /// <summary>When the last request was sent.</summary>
    public TimeSpan? LastRequest { get; set; }

    /// <summary>The last number of a connection.</summary>
    public long LastConnection { get; set; }

    public override string ToString() => $"session {number}";
}
