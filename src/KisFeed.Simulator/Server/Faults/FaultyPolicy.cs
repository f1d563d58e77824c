using System.Diagnostics.CodeAnalysis;
using KisFeed.Server;
using KisFeed.Simulator.Market;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Simulator.Server;

/// <summary>Serves everybody the market, whatever their address says, with the faults around connection and session.</summary>
internal sealed class FaultyPolicy(SessionOptions rules, FaultController faults, int seed) : IConnectionPolicy
{
    private readonly ulong _seed = StableHash.Combine(StableHash.Mix(unchecked((ulong)seed)), "faults");

    public bool TryAdmit(HttpContext context, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out RequestRefusal? refusal)
    {
        service = Serve;
        refusal = null;
        return true;
    }

    private ServedConnection? Serve(WebSocketConnection connection)
    {
        if (faults.TakeKick())
        {
            SimulatorLog.Fault(rules.Logger, connection.Id, "closed at once");
            return null;
        }

        ((IClientConnection)connection).Send(ServerEvents.Of(DataSource.Simulation));
        var faulty = new FaultyConnection(connection, faults, StableHash.Combine(_seed, connection.Id), rules.Logger);
        return new ServedConnection(connection, faulty, new FaultySession(new ProtocolSession(rules, faulty), faulty, faults, rules));
    }
}
