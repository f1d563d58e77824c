namespace KisFeed.Cli.Diagnosis;

/// <summary>Looks at one thing, with what the checks before it have found out.</summary>
internal interface ICheck
{
    /// <summary>What it looks at, in a word or two.</summary>
    string Name { get; }

    /// <summary>Whether there is no point in going on where it fails.</summary>
    bool IsNeeded { get; }

    /// <summary>Looks, and leaves in the examination what later checks need.</summary>
    Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken);
}
