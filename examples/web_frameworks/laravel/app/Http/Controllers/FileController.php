<?php

namespace App\Http\Controllers;

use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Http\Response;

class FileController
{
    /** A file of the form. */
    public function upload(Request $request): JsonResponse
    {
        $file = $request->file('file');

        return response()->json([
            'name' => $file->getClientOriginalName(),
            'size' => $file->getSize(),
            'sha256' => hash_file('sha256', $file->getRealPath()),
        ]);
    }

    /** Each of the 256 bytes there are. */
    public function download(): Response
    {
        return response(implode('', array_map('chr', range(0, 255))))
            ->header('Content-Type', 'application/octet-stream')
            ->header('Content-Disposition', 'attachment; filename=bytes.bin');
    }
}
