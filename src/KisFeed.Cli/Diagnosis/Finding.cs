namespace KisFeed.Cli.Diagnosis;

/// <summary>One thing that was found. Holds no secret.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Status">How it is.</param>
/// <param name="Text">What is so, or what is wrong, in words.</param>
internal sealed record Finding(string Check, FindingStatus Status, string Text)
{
    /// <summary>What to do about it; <see langword="null"/> where there is nothing to do.</summary>
    public string? Advice { get; init; }

    /// <summary>What the command returns where this has failed.</summary>
    public int ExitCode { get; init; }
}
