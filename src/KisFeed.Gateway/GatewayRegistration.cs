namespace KisFeed.Gateway;

/// <summary>A key that is registered upstream, or is to be, at one moment.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key within the feed; <see langword="null"/> for order notices, where it is an HTS ID.</param>
/// <param name="Consumers">How many registrations of consumers it stands for; none while it is kept for who may come back.</param>
/// <param name="IsRegistered">Whether upstream has acknowledged it on a connection that stands.</param>
/// <param name="IsKept">Whether it is among <see cref="GatewayOptions.Keep"/>, and stays whoever wants it.</param>
public sealed record GatewayRegistration(string TrId, string? Key, int Consumers, bool IsRegistered, bool IsKept = false);
