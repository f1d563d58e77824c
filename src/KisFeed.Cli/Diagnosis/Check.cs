namespace KisFeed.Cli.Diagnosis;

/// <summary>A check of the doctor.</summary>
internal abstract class Check(string name, bool isRequired)
{
    public string Name => name;

    public bool IsRequired => isRequired;

    /// <summary>Runs the check and stores in the context what later checks need.</summary>
    public abstract Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken);

    protected Finding Ok(string text) => new(name, FindingStatus.Ok, text);

    protected Finding Note(string text, string? advice = null) => new(name, FindingStatus.Note, text) { Advice = advice };

    protected Finding Warning(string text, string? advice = null) => new(name, FindingStatus.Warning, text) { Advice = advice };

    protected Finding Skipped(string text) => new(name, FindingStatus.Skipped, text);

    protected Finding Failed(string text, string? advice, int exitCode) =>
        new(name, FindingStatus.Failed, text) { Advice = advice, ExitCode = exitCode };

    protected Finding Failed(KisFeedException failure, string advice) =>
        Failed(FailureText.Of(failure), advice, Hosting.ExitCode.Of(failure));
}
