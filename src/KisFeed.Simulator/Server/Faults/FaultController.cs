using KisFeed.Wire;

namespace KisFeed.Simulator.Server;

/// <summary>The faults in force, and how many are left of those that happen a number of times. For any thread.</summary>
internal sealed class FaultController(SimulatorFaults faults)
{
    private volatile Budget _budget = new(faults);

    /// <summary>The faults in force; another object each time they are set.</summary>
    public SimulatorFaults Current => _budget.Faults;

    /// <summary>Replaces the faults, and begins to count anew.</summary>
    public void Set(SimulatorFaults replacement) => _budget = new Budget(replacement);

    /// <summary>Whether a connection is to be closed as soon as it has been accepted.</summary>
    public bool TakeKick() => Take(ref _budget.Kicks);

    /// <summary>Whether a request for an approval key is to fail.</summary>
    public bool TakeApprovalFailure() => Take(ref _budget.ApprovalFailures);

    /// <summary>Whether a registration is to be refused, and with which code.</summary>
    public bool TryTakeRefusal(out BrokerCode code)
    {
        var budget = _budget;
        code = budget.Faults.Refuse is { } refuse ? new BrokerCode(refuse) : default;
        return budget.Faults.Refuse is not null && Take(ref budget.Refusals);
    }

    // Never below zero, however often it is asked.
    private static bool Take(ref int left)
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

        // A copy, because it is known by its reference: setting equal faults counts anew too.
        public SimulatorFaults Faults { get; } = faults with { };
    }
}
