using System.Diagnostics.CodeAnalysis;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Simulator.Market;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Simulator;

/// <summary>Serves the market to every connection, with the faults.</summary>
internal sealed class FaultyPolicy(SessionOptions options, MarketFeed market, AppKeyGate gate, FaultController faults, int seed)
    : IConnectionPolicy
{
    private readonly ulong _seed = StableHash.Combine(StableHash.Mix(unchecked((ulong)seed)), "faults");

    public bool TryAdmit(
        HttpContext context, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out RequestRefusal? refusal)
    {
        service = Serve;
        refusal = null;
        return true;
    }

    private FaultySession? Serve(WebSocketConnection connection)
    {
        if (faults.TryUseKick())
        {
            SimulatorLog.Fault(options.Logger, connection.Id, "closed immediately");
            return null;
        }

        connection.Send(ServerEvents.Of(DataSource.Simulation, day: null));
        connection.Sender = new FaultySender(connection, faults, StableHash.Combine(_seed, connection.Id), options.Logger).Send;
        return new FaultySession(new ProtocolSession(options, market, gate, connection), connection, faults, options);
    }
}
