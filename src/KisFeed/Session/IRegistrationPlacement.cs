namespace KisFeed.Session;

/// <summary>Finds another session for a registration that one cannot have.</summary>
internal interface IRegistrationPlacement
{
    /// <summary>Moves a registration, which its session has given up, to another session.</summary>
    /// <returns><see langword="false"/> where no other can take it; nothing was changed then.</returns>
    bool TryMove(Registration registration, TimeSpan now);
}
