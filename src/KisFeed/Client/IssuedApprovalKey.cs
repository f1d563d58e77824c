namespace KisFeed;

/// <summary>An approval key and when it was issued.</summary>
/// <param name="Key">The key. Secret.</param>
/// <param name="IssuedAt">When it was issued, by the clock of this machine.</param>
/// <param name="HasServerEvents">Whether the server sends messages of its own to clients that ask for them (<see cref="Wire.ServerEvent"/>).</param>
internal sealed record IssuedApprovalKey(string Key, DateTimeOffset IssuedAt, bool HasServerEvents)
{
    // The broker's keys are valid for 24 hours; one that would end during a session's start is not used.
    private static readonly TimeSpan s_validity = TimeSpan.FromHours(23);

    // A clock that was set back a little since is no reason to ask for another key.
    private static readonly TimeSpan s_clockSkew = TimeSpan.FromMinutes(1);

    public bool IsValidAt(DateTimeOffset now)
    {
        var age = now - IssuedAt;
        return age < s_validity && age > -s_clockSkew;
    }

    public override string ToString() => $"{nameof(IssuedApprovalKey)} {{ IssuedAt = {IssuedAt:O} }}";
}
