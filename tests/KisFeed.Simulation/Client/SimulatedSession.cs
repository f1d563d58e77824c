using KisFeed.Session;
using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Invariants;

namespace KisFeed.Simulation.Client;

/// <summary>A session with its timer, its connection and its cached approval key.</summary>
internal sealed class SimulatedSession(int number, SessionMachine machine, BrokerAccount account, ReconnectPolicy checkedPolicy)
{
    public int Number => number;

    public SessionMachine Machine => machine;

    public BrokerAccount Account => account;

    public AttemptChecks Attempts { get; } = new(checkedPolicy);

    public RegistrationBudgetChecks RegistrationBudget { get; } = new(machine.Settings);

    /// <summary>The current connection or attempt.</summary>
    public ClientConnection? Connection { get; set; }

    /// <summary>When the timer is due; <see langword="null"/> if none is set.</summary>
    public TimeSpan? Timer { get; set; }

    public int TimerVersion { get; set; }

    /// <summary>Whether it waits for permission to connect.</summary>
    public bool IsPermitRequested { get; set; }

    /// <summary>Attempts that it may make.</summary>
    public int Grants { get; set; }

    /// <summary>Whether it may send, if it needs permission.</summary>
    public bool MaySend { get; set; }

    public string? ApprovalKey { get; set; }

    /// <summary>When the last request was sent.</summary>
    public TimeSpan? LastRequest { get; set; }

    /// <summary>The number of the last connection.</summary>
    public long LastConnection { get; set; }

    public override string ToString() => $"session {number}";
}
