using System.Runtime.InteropServices;

namespace EtcdFleet.Shared;

/// <summary>CLOCK_BOOTTIME: time since this machine has started. It counts while the machine is suspended, and nobody can set it.</summary>
public static partial class BootTime
{
    private const int Clock = 7; // CLOCK_BOOTTIME

    /// <summary>Since the machine has started.</summary>
    /// <exception cref="IOException">The kernel does not have this clock.</exception>
    public static TimeSpan Elapsed() => GetTime(Clock, out var time) == 0
        ? new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
        : throw new IOException($"clock_gettime(CLOCK_BOOTTIME): {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpec time);

    /// <summary>struct timespec on the 64-bit architectures that we ship.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
