using KisFeed.Session;
using KisFeed.Simulation.Invariants;
using KisFeed.Simulation.Plans;

namespace KisFeed.Simulation.Client;

// Grants and ends permissions.
internal sealed partial class ClientModel
{
    private readonly SeededRandom _permitRandom;

    public void RequestPermit(SessionMachine session)
    {
        var simulated = TraceAction(session, "asks for permission to connect");
        Invariant.Holds(session.Settings.NeedsPermit && !simulated.IsPermitRequested, "permit", $"{simulated} asks for permission without need, or twice");
        simulated.IsPermitRequested = true;
        _clock.After(_permitRandom.NextBool(0.7) ? _permitRandom.NextMilliseconds(1, 100) : _permitRandom.NextSeconds(0.1, 30), () =>
        {
            simulated.IsPermitRequested = false;
            simulated.Grants++;
            simulated.MaySend = true;
            Raise(simulated, $"permit: {simulated} may connect", () => session.PermitGranted(_clock.Now));
            simulated.Grants = 0;
        });
    }

    public bool MaySend(SessionMachine session)
    {
        var simulated = _byMachine[session];
        if (!simulated.MaySend)
            simulated.Attempts.OnStandDown();
        return simulated.MaySend;
    }

    private void InjectStandDown()
    {
        if (!_faults.Occurs(SimulatedFaults.StandDowns))
            return;
        var simulated = _permitRandom.Pick(Sessions);

        // The session may notice before it is told.
        simulated.MaySend = false;
        _clock.After(_permitRandom.NextBool(0.5) ? TimeSpan.Zero : _permitRandom.NextMilliseconds(1, 2_000), () =>
        {
            if (simulated.MaySend)
                return;
            simulated.Attempts.OnStandDown();
            Raise(simulated, $"permit: {simulated} must stand down", () => simulated.Machine.StandDown(_clock.Now));
            Invariant.Holds(simulated.Machine.Phase is not (SessionPhase.Open or SessionPhase.Connecting), "permit", $"{simulated} has a connection after it stood down");
        });
    }
}
