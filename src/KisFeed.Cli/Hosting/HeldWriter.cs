namespace KisFeed.Cli.Hosting;

/// <summary>
/// Standard error of a process that may draw on the whole terminal. Text written while it draws would damage the picture, so it is held
/// until the drawing ends. The amount of held text is bounded.
/// </summary>
internal sealed class HeldWriter(TextWriter inner) : TextWriter
{
    private const int MaxHeld = 1 << 16; // characters

    private readonly Lock _gate = new();
    private readonly StringBuilder _held = new();
    private bool _isHolding;

    public override Encoding Encoding => inner.Encoding;

    /// <summary>Holds all written text until the result is disposed.</summary>
    public IDisposable Hold()
    {
        lock (_gate)
            _isHolding = true;
        return new Holding(this);
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        lock (_gate)
        {
            if (!_isHolding)
                inner.Write(value);
            else if (_held.Length + value?.Length <= MaxHeld)
                _held.Append(value);
        }
    }

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Write(value + CoreNewLine.AsSpan().ToString());

    public override void Flush()
    {
        lock (_gate)
            inner.Flush();
    }

    private void Release()
    {
        lock (_gate)
        {
            _isHolding = false;
            inner.Write(_held.ToString());
            _held.Clear();
        }
    }

    private sealed class Holding(HeldWriter writer) : IDisposable
    {
        public void Dispose() => writer.Release();
    }
}
