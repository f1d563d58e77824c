using KisFeed.Session;

namespace KisFeed;

/// <summary>What became of a registration.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key.</param>
/// <param name="State">How far it has come on the wire.</param>
/// <param name="Subscribers">How many subscriptions of this client use it.</param>
public readonly record struct RegistrationStatus(string TrId, string Key, RegistrationState State, int Subscribers);
