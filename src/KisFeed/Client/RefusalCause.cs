using KisFeed.Session;

namespace KisFeed;

/// <summary>What refusals are counted by.</summary>
/// <param name="Feed">The TR ID of the registration; <see langword="null"/> where the session as a whole was refused.</param>
/// <param name="Reason">Why.</param>
/// <param name="Code">The broker's code as tags have it, where the server refused.</param>
internal readonly record struct RefusalCause(string? Feed, RefusalReason Reason, string? Code);
