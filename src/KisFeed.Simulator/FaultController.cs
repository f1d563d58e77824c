using KisFeed.Wire;

namespace KisFeed.Simulator;

/// <summary>The current faults and the remaining count of those that happen a limited number of times. Thread-safe.</summary>
internal sealed class FaultController(SimulatorFaults faults)
{
    private volatile Budget _budget = new(faults);

    /// <summary>The current faults; a different object each time they are set.</summary>
    public SimulatorFaults Current => _budget.Faults;

    /// <summary>Replaces the faults and resets all counts.</summary>
    public void Set(SimulatorFaults replacement) => _budget = new Budget(replacement);

    /// <summary>Whether to close a new connection immediately.</summary>
    public bool TryUseKick() => TryUse(ref _budget.Kicks);

    /// <summary>Whether a request for an approval key must fail.</summary>
    public bool TryUseApprovalFailure() => TryUse(ref _budget.ApprovalFailures);

    /// <summary>Whether to refuse a registration, and with which code.</summary>
    public bool TryUseRefusal(out BrokerCode code)
    {
        var budget = _budget;
        code = budget.Faults.Refuse is { } refuse ? new BrokerCode(refuse) : default;
        return budget.Faults.Refuse is not null && TryUse(ref budget.Refusals);
    }

    // Never goes below zero.
    private static bool TryUse(ref int left)
    {
        while (true)
        {
            var seen = Volatile.Read(ref left);
            if (seen <= 0)
                return false;
            if (seen == int.MaxValue || Interlocked.CompareExchange(ref left, seen - 1, seen) == seen)
                return true;
        }
    }

    private sealed class Budget(SimulatorFaults faults)
    {
        public int Kicks = faults.KickOnConnect;
        public int ApprovalFailures = faults.ApprovalFails;
        public int Refusals = faults.RefuseCount ?? int.MaxValue;

        // A copy, because callers compare references: setting equal faults resets the counts too.
        public SimulatorFaults Faults { get; } = faults with { };
    }
}
