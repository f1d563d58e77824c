using System.Text;
using KisFeed.Session;
using KisFeed.Simulation.Client;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Invariants;

/// <summary>Checks that keys and IVs belong to their registration and connection, and are erased with it.</summary>
internal sealed class KeyChecks
{
    private readonly List<(Registration Registration, NoticeCipher Cipher)> _seen = [];

    public void Check(IReadOnlyList<SimulatedSession> sessions)
    {
        for (var i = _seen.Count - 1; i >= 0; i--)
        {
            var (registration, cipher) = _seen[i];
            if (registration.Cipher == cipher)
                continue;
            Invariant.Holds(
                !cipher.Key.Key.ContainsAnyExcept((byte)0) && !cipher.Key.Iv.ContainsAnyExcept((byte)0),
                "key material",
                $"an unused key of {registration} was not cleared");
            _seen.RemoveAt(i);
        }

        foreach (var session in sessions)
        {
            foreach (var registration in session.Machine.Registrations)
            {
                if (registration.Cipher is { } cipher)
                    Check(session, registration, cipher);
            }
        }
    }

    private void Check(SimulatedSession session, Registration registration, NoticeCipher cipher)
    {
        Invariant.Holds(
            session.Machine.Phase == SessionPhase.Open, "key material", $"{registration} has a key although {session} is not connected");
        if (_seen.Contains((registration, cipher)))
            return;
        var issued = session.Connection!.Server!.Issued;
        Invariant.Holds(
            issued.Any(h => h.Topic.Key == registration.Key
                && h.Topic.Feed == registration.Feed
                && cipher.Key.Key.SequenceEqual(Encoding.ASCII.GetBytes(h.Key))
                && cipher.Key.Iv.SequenceEqual(Encoding.ASCII.GetBytes(h.Iv))),
            "key material",
            $"{registration} has a key that it did not receive on connection {session.Connection}");
        _seen.Add((registration, cipher));
    }
}
