namespace KisFeed.Cli.Tests.Running;

/// <summary>A standard error that interrupts the command when a line has a given start.</summary>
internal sealed class InterruptingError(CancellationTokenSource interruption, string beginning) : StringWriter
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.StartsWith(beginning, StringComparison.Ordinal) == true)
            interruption.Cancel();
    }
}
