namespace Fovea.Tests

open System
open System.IO
open Fovea.Core.Formats

/// How a disk fails.
type DiskFault =
    | Full of bytes: int
    | NoFlush
    | NoRename
    | NoRenameNorDelete

/// A stream that has room for so many bytes.
type FullStream(inner: Stream, room: int) =
    inherit Stream()
    let mutable left = room
    override _.CanRead = false
    override _.CanSeek = false
    override _.CanWrite = true
    override _.Length = inner.Length

    override _.Position
        with get () = inner.Position
        and set _ = raise (NotSupportedException ())

    override _.Flush () = inner.Flush ()
    override _.Read (_: byte[], _: int, _: int) : int = raise (NotSupportedException ())
    override _.Seek (_, _) = raise (NotSupportedException ())
    override _.SetLength _ = raise (NotSupportedException ())

    override _.Write (buffer: byte[], offset: int, count: int) =
        inner.Write (buffer, offset, min count left)
        left <- left - count

        if left < 0 then
            raise (IOException "No space left on device")

    override _.Dispose (disposing: bool) =
        if disposing then
            inner.Dispose ()

        base.Dispose disposing

/// A disk that does what is asked of it until it fails.
type FaultyDisk(fault: DiskFault) =
    inherit Disk()

    override _.Create path =
        match fault with
        | Full bytes -> new FullStream (base.Create path, bytes)
        | _ -> base.Create path

    override _.Flush file = if fault = NoFlush then raise (IOException "Input/output error") else base.Flush file

    override _.Rename (source, target) =
        match fault with
        | NoRename
        | NoRenameNorDelete -> raise (IOException "Read-only file system")
        | _ -> base.Rename (source, target)

    override _.Delete path =
        if fault = NoRenameNorDelete then
            raise (UnauthorizedAccessException "Access denied")
        else
            base.Delete path
