using KisFeed.Wire;

namespace KisFeed.Simulation.Broker;

/// <summary>What the server says of a request.</summary>
/// <param name="Request">What was asked for; <see langword="null"/> where it does not say.</param>
/// <param name="Code">The result.</param>
/// <param name="Granted">The registration that this acknowledges.</param>
internal sealed record Answer(Topic? Request, BrokerCode Code, Holding? Granted = null)
{
    public bool IsSuccess => Code.Meaning == BrokerCodeMeaning.Done;

    public override string ToString() => $"{Code.Value} {(Request is null ? "(null)" : Request)}";
}
