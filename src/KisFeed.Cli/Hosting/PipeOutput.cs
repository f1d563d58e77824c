using System.Buffers;
using System.IO.Pipes;
using KisFeed.Client;
using Microsoft.Win32.SafeHandles;

namespace KisFeed.Cli.Hosting;

/// <summary>
/// Standard output if it is a pipe. The console's own stream ignores writes to a closed pipe, so <c>kisfeed watch … | head -1</c>
/// would run forever. This stream throws <see cref="OutputClosedException"/>. After a signal it does not wait for a reader that does
/// not read: writing is cancelled then.
/// </summary>
internal sealed class PipeOutput : SequentialStream
{
    private const int StandardOutput = 1;

    // For each write after the signal: a reader that reads gets all that the command still says, even if that comes late.
    private static readonly TimeSpan s_latePatience = TimeSpan.FromMilliseconds(200);

    private readonly AnonymousPipeClientStream _pipe;
    private readonly CancellationToken _abandoned;

    private PipeOutput(AnonymousPipeClientStream pipe, CancellationToken abandoned)
    {
        _pipe = pipe;
        _abandoned = abandoned;
    }

    public override bool CanRead => false;

    public override bool CanWrite => true;

    /// <summary>Opens standard output: a stream that reports a closed pipe, or the console's stream if it is not a pipe.</summary>
    public static Stream OpenStandardOutput(CancellationToken abandoned)
    {
        if (!OperatingSystem.IsWindows())
        {
            try
            {
                return new PipeOutput(
                    new AnonymousPipeClientStream(PipeDirection.Out, new SafePipeHandle(StandardOutput, ownsHandle: false)), abandoned);
            }
            catch (Exception e) when (e is IOException or ArgumentException)
            {
                // A terminal or a file.
            }
        }

        return Console.OpenStandardOutput();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        // A blocked write of the system cannot be cancelled, so this one waits for an asynchronous one.
        var copy = ArrayPool<byte>.Shared.Rent(buffer.Length);
        buffer.CopyTo(copy);
        var writing = WriteAsync(copy.AsMemory(0, buffer.Length), CancellationToken.None).AsTask();
#pragma warning disable VSTHRD002 // No thread of this process is needed for it to complete.
        writing.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        ArrayPool<byte>.Shared.Return(copy);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var late = _abandoned.IsCancellationRequested ? new CancellationTokenSource(s_latePatience) : null;
        try
        {
            await _pipe.WriteAsync(buffer, late?.Token ?? _abandoned).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new OutputClosedException(e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _pipe.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>The reader of standard output has closed the pipe, as <c>head -1</c> does. The command ends; this is not an error.</summary>
internal sealed class OutputClosedException(Exception innerException) : Exception("standard output is closed", innerException);

/// <summary>Writes text to a terminal as <see cref="PrintableText"/>. Text may be split between two writes at any byte.</summary>
internal sealed class TerminalStream(Stream terminal) : SequentialStream
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override void Write(ReadOnlySpan<byte> buffer) => terminal.Write(Clean(buffer));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        terminal.WriteAsync(Clean(buffer.Span), cancellationToken);

    public override void Flush() => terminal.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => terminal.FlushAsync(cancellationToken);

    private byte[] Clean(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[_decoder.GetCharCount(bytes, flush: false)];
        var length = _decoder.GetChars(bytes, characters, flush: false);
        return Encoding.UTF8.GetBytes(PrintableText.CleanLines(new string(characters, 0, length)));
    }
}
