namespace KisFeed.Cli.Diagnosis;

/// <summary>Where findings go, as they are made.</summary>
internal interface IFindingOutput : IAsyncDisposable
{
    /// <summary>Takes a finding.</summary>
    ValueTask WriteAsync(Finding finding, CancellationToken cancellationToken);

    /// <summary>Takes the result as a whole.</summary>
    ValueTask EndAsync(IReadOnlyList<Finding> findings, int exitCode, CancellationToken cancellationToken);
}
