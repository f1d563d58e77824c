using KisFeed.Session;

namespace KisFeed;

/// <summary>A registration: whether it is wanted, and how far it has come on the wire.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key.</param>
/// <param name="State">How far it has come on the wire.</param>
/// <param name="Subscribers">How many subscriptions of this client use it.</param>
public readonly record struct RegistrationStatus(string TrId, string Key, RegistrationState State, int Subscribers)
{
    /// <summary>The name of the app key whose session has it.</summary>
    public string Session { get; init; } = "";

    /// <summary>Whether its key is an HTS ID.</summary>
    internal bool IsNotice { get; init; }

    /// <summary>Whether anybody wants it. What nobody wants is being released.</summary>
    public bool IsDesired => Subscribers > 0;

    /// <summary>Whether the server has acknowledged it on the present connection.</summary>
    public bool IsConfirmed => State == RegistrationState.Registered;

    /// <summary>The registration; of order notices without the key, which is the HTS ID, so that it may stand in a log.</summary>
    public override string ToString() => $"{TrId}{(IsNotice ? "" : $":{Key}")} {State}, {Subscribers} subscribers, session {Session}";
}
